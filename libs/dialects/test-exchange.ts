import type { GatewayError } from '#contracts';
import type { Exchange, ExchangeInput, ProviderDialect } from './exchange.ts';
import { openExchange } from './open-exchange.ts';
import { parseRecord, textOf, type JsonRecord } from './json/record.ts';

/** An exchange of an OpenAI client with a provider of this format. */
export function openFor(providerDialect: ProviderDialect, request: object, changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect: 'openai-chat',
    providerDialect,
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'group', messages: [{ role: 'user', content: 'hi' }], ...request })),
    upstreamModel: 'm-1',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 7,
    answerId: 'id',
    ...changes,
  });
}

/** The body such a request has for the provider. */
export function sentTo(providerDialect: ProviderDialect, request: object, changes: Partial<ExchangeInput> = {}): JsonRecord {
  return parseRecord(textOf(openFor(providerDialect, request, changes).body)) ?? {};
}

export interface StreamedAnswer {
  readonly text: string;
  readonly error: GatewayError | undefined;
  readonly done: boolean;
}

/** The client's side of a stream that arrives in these pieces. */
export function streamFrom(exchange: Exchange, pieces: readonly (string | Uint8Array)[]): StreamedAnswer {
  const decoder = exchange.openStream();
  const steps = [...pieces.map((piece) => decoder.push(Buffer.from(piece))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error,
    done: steps.some((step) => step.done),
  };
}

/** Pairs of pieces for every single cut. */
export function everyCut(stream: string): readonly (readonly Uint8Array[])[] {
  const bytes = Buffer.from(stream);
  return Array.from({ length: bytes.length - 1 }, (_, index) => [bytes.subarray(0, index + 1), bytes.subarray(index + 1)]);
}

/** The bytes in pieces of one size. */
export function inPieces(stream: string, size: number): readonly Uint8Array[] {
  const bytes = Buffer.from(stream);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
