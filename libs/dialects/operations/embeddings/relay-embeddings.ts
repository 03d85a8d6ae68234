import type { TokenUsage } from '#contracts';
import type { DecodedAnswer, Exchange, ExchangeInput } from '../../exchange.ts';
import { isRecord, parseRecord, textOf, type JsonRecord } from '../../json/record.ts';
import { estimateInput, mapOperationUsage } from '../map-usage.ts';
import { finishExchange, JSON_HEADERS, type MapError } from '../operation.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';
import { relayJson } from '../relay-json.ts';
import { toBase64 } from './encode-answer.ts';

const ENCODING = 'encoding_format';

/**
 * Embeddings on a host of OpenAI's format. OpenAI's SDKs ask for base64 unasked and fail on plain lists, which several hosts give all
 * the same: those are encoded here.
 */
export function openEmbeddingsRelay(input: ExchangeInput, mapError: MapError): Exchange {
  const takesEncoding = !(input.quirks.unsupportedParams ?? []).includes(ENCODING);
  const { body, view, dropped } = relayJson(input, takesEncoding ? {} : { [ENCODING]: undefined });
  const asksBase64 = view.value(ENCODING) === 'base64';
  const nowMs = input.createdAt * 1_000;
  const estimateUsage = () => estimateInput(charsOf(view.value('input')));
  return finishExchange(
    {
      path: '/embeddings',
      headers: JSON_HEADERS,
      body,
      dropped,
      decodeAnswer: (answer) => decode(answer, { mapError, nowMs, asksBase64, estimateUsage }),
      estimateUsage,
    },
    input,
    mapError,
  );
}

interface RelayDecoding {
  readonly mapError: MapError;
  readonly nowMs: number;
  readonly asksBase64: boolean;
  readonly estimateUsage: () => TokenUsage;
}

function decode(answer: Uint8Array, { mapError, nowMs, asksBase64, estimateUsage }: RelayDecoding): DecodedAnswer {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const needsBase64 = asksBase64 && FLOATS.test(bytes.toString('latin1', 0, LOOK_BYTES));
  const end = bytes.length > LARGE_BYTES && !needsBase64 ? readEnd(bytes) : undefined;
  const { data, usage } = end ?? readAnswer(answer, mapError, nowMs);
  if (end === undefined && !Array.isArray(data)) throw invalidAnswer("an answer without 'data'");
  return { body: needsBase64 ? withBase64(answer) : answer, usage: mapOperationUsage(usage) ?? estimateUsage(), finishReason: undefined };
}

const FLOATS = /"embedding"\s*:\s*\[/;
const LOOK_BYTES = 512;
const LARGE_BYTES = 1024 * 1024;

/** A list of 2,000 vectors is 50 MB of numbers, 250 ms to parse: what is metered stands behind them, in the last few bytes. */
function readEnd(bytes: Buffer): JsonRecord | undefined {
  const at = bytes.lastIndexOf('"usage"');
  if (at === -1 || bytes.length - at > LARGE_BYTES || !bytes.subarray(0, LOOK_BYTES).includes('"data"')) return undefined;
  const end = parseRecord(`{${bytes.toString('utf8', at)}`);
  return isRecord(end?.['usage']) ? end : undefined;
}

function withBase64(answer: Uint8Array): Uint8Array {
  const parsed = parseRecord(textOf(answer));
  const data: unknown = parsed?.['data'];
  if (!Array.isArray(data)) throw invalidAnswer("an answer without 'data'");
  const encoded = data.map((entry: unknown) => {
    const vector = isRecord(entry) ? entry['embedding'] : undefined;
    const isVector = Array.isArray(vector) && vector.every((value) => typeof value === 'number');
    return isRecord(entry) && isVector ? { ...entry, embedding: toBase64(vector) } : entry;
  });
  return Buffer.from(JSON.stringify({ ...parsed, data: encoded }));
}

/** Of texts, or four for a token, so that the estimate comes out right. */
function charsOf(input: unknown): number {
  if (typeof input === 'string') return input.length;
  if (typeof input === 'number') return 4;
  return Array.isArray(input) ? input.reduce((total: number, entry: unknown) => total + charsOf(entry), 0) : 0;
}
