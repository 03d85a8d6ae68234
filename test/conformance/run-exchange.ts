import type { GatewayError } from '#contracts';
import { encodeStreamError, openExchange, type Exchange } from '#dialects';
import type { ClientFixture, HeardStream, NeutralRequest, ProviderFixture } from './neutral.ts';

export interface Pair {
  readonly client: ClientFixture;
  readonly provider: ProviderFixture;
}

/** One exchange of the product between a client and a provider that were written apart from it. */
export function open(pair: Pair, request: NeutralRequest, stream = false): Exchange {
  return openWith(pair, bodyOf(pair, request, stream), stream);
}

export function bodyOf({ client }: Pair, request: NeutralRequest, stream = false): Uint8Array {
  return Buffer.from(JSON.stringify(client.request({ ...request, model: 'group' }, stream)));
}

export function openWith({ client, provider }: Pair, body: Uint8Array, stream: boolean): Exchange {
  return openExchange({
    clientDialect: client.dialect,
    providerDialect: provider.dialect,
    stream,
    body,
    upstreamModel: provider.model,
    defaultParams: {},
    dropParams: true,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_700_000_000,
    answerId: 'a1',
  });
}

export interface StreamRun extends HeardStream {
  readonly failure: GatewayError | undefined;
  readonly bytes: Buffer;
}

/** Feeds a stream in the given pieces, and gives the client what the gateway would: an error event when it fails. */
export function runStream(pair: Pair, exchange: Exchange, pieces: readonly Uint8Array[], closes = true): StreamRun {
  const decoder = exchange.openStream();
  const sent: Uint8Array[] = [];
  let failure: GatewayError | undefined;
  const steps = [...pieces.map((piece) => () => decoder.push(piece)), ...(closes ? [() => decoder.end()] : [])];
  for (const take of steps) {
    const step = take();
    if (step.bytes) sent.push(Buffer.from(step.bytes));
    failure ??= step.error;
    if (step.error) sent.push(encodeStreamError(pair.client.dialect, step.error));
  }
  const bytes = Buffer.concat(sent);
  return { ...pair.client.hearStream(bytes), failure, bytes };
}

export function can({ client, provider }: Pair, ...abilities: readonly string[]): boolean {
  const lacks: readonly string[] = [...(client.lacks ?? []), ...(provider.lacks ?? [])];
  return abilities.every((ability) => !lacks.includes(ability));
}
