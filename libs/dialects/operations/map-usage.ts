import { NO_USAGE, type TokenUsage } from '#contracts';
import { countAt, isRecord, recordAt, type JsonRecord } from '../json/record.ts';

/**
 * Usage of OpenAI's newer operations (`input_tokens`, `output_tokens`, pictures and audio among their details) and of the older
 * ones (`prompt_tokens`, `total_tokens`). Undefined when there is nothing to read.
 */
export function mapOperationUsage(usage: unknown): TokenUsage | undefined {
  if (!isRecord(usage)) return undefined;
  if (usage['type'] === 'duration' || (usage['input_tokens'] === undefined && typeof usage['seconds'] === 'number')) {
    return { ...NO_USAGE, audioSeconds: numberAt(usage, 'seconds') };
  }
  const input = recordAt(usage, 'input_tokens_details') ?? recordAt(usage, 'input_token_details');
  const output = recordAt(usage, 'output_tokens_details') ?? recordAt(usage, 'output_token_details');
  const inputTokens = countAt(usage, 'input_tokens') || countAt(usage, 'prompt_tokens');
  const outputTokens = countAt(usage, 'output_tokens') || countAt(usage, 'completion_tokens');
  return {
    ...NO_USAGE,
    // hosts of embeddings and of rerankers state the total alone
    inputTokens: inputTokens || (outputTokens === 0 ? countAt(usage, 'total_tokens') : 0),
    outputTokens,
    cacheReadTokens: countAt(input, 'cached_tokens'),
    inputAudioTokens: countAt(input, 'audio_tokens'),
    outputAudioTokens: countAt(output, 'audio_tokens'),
    ...imageTokens(input, output),
  };
}

function imageTokens(input: JsonRecord | undefined, output: JsonRecord | undefined): Partial<TokenUsage> {
  const inputImageTokens = countAt(input, 'image_tokens');
  const outputImageTokens = countAt(output, 'image_tokens');
  return { ...(inputImageTokens > 0 ? { inputImageTokens } : {}), ...(outputImageTokens > 0 ? { outputImageTokens } : {}) };
}

/** A length in seconds, which hosts write as a number or as text. */
export function numberAt(record: JsonRecord, key: string): number | undefined {
  const value = record[key];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** English text has about four characters to a token: for providers that state nothing. Marked as an estimate. */
export function estimateInput(chars: number): TokenUsage {
  return { ...NO_USAGE, inputTokens: Math.ceil(chars / 4), estimated: true };
}

const COUNTS = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'outputAudioTokens',
  'inputImageTokens',
  'outputImageTokens',
  'images',
  'audioSeconds',
] as const satisfies readonly (keyof TokenUsage)[];

/** Of two parts of one answer. */
export function addUsage(one: TokenUsage, other: TokenUsage): TokenUsage {
  const stated = COUNTS.filter((count) => one[count] !== undefined || other[count] !== undefined);
  const sums = Object.fromEntries(stated.map((count) => [count, (one[count] ?? 0) + (other[count] ?? 0)]));
  return { ...one, ...other, ...sums, estimated: one.estimated || other.estimated };
}
