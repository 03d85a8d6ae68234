import type { ClientDialect, UploadPart } from '#contracts';
import { encodeUploadForm } from '#contracts';
import type { ExchangeInput, ProviderDialect, StreamDecoder, StreamStep } from '../exchange.ts';

/** An exchange's input for a JSON request, with what a test does not care about filled in. */
export function jsonInput(
  clientDialect: ClientDialect,
  providerDialect: ProviderDialect,
  body: unknown,
  change: Partial<ExchangeInput> = {},
): ExchangeInput {
  return {
    clientDialect,
    providerDialect,
    stream: false,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    upstreamModel: 'upstream-model',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_750_000_000,
    answerId: 'job_1',
    ...change,
  };
}

export function formInput(clientDialect: ClientDialect, parts: readonly UploadPart[], change: Partial<ExchangeInput> = {}): ExchangeInput {
  return jsonInput(clientDialect, 'openai-chat', '', { body: encodeUploadForm({ parts }), isForm: true, ...change });
}

export function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

export const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

export interface StreamOutcome {
  readonly text: string;
  readonly error: string | undefined;
  readonly done: boolean;
  readonly usage: unknown;
}

export function runStream(decoder: StreamDecoder, chunks: readonly (string | Uint8Array)[]): StreamOutcome {
  const steps: StreamStep[] = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString('latin1'),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
    usage: decoder.usage,
  };
}

/** The bytes in every pair of pieces, and in pieces of each small size. */
export function* everyCut(bytes: Buffer): Generator<Buffer[]> {
  for (let cut = 1; cut < bytes.length; cut += 1) yield [bytes.subarray(0, cut), bytes.subarray(cut)];
  for (let size = 1; size <= 9; size += 1) {
    yield Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
  }
}
