import type { TokenUsage } from '#contracts';
import { countAt, isRecord, stringAt, type JsonRecord } from '../json/record.ts';

/**
 * Bedrock's usage as totals: `inputTokens` leave out what was read from and written to the cache
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html), ours include both. Reasoning is not told apart.
 */
export function mapUsage(usage: JsonRecord, serviceTier: JsonRecord | undefined): TokenUsage {
  const cacheReadTokens = countAt(usage, 'cacheReadInputTokens');
  const details: readonly unknown[] = Array.isArray(usage['cacheDetails']) ? usage['cacheDetails'] : [];
  const oneHour = writtenFor(details, '1h');
  const written = Math.max(countAt(usage, 'cacheWriteInputTokens'), oneHour + writtenFor(details, '5m'));
  const tier = stringAt(serviceTier ?? {}, 'type');
  return {
    inputTokens: countAt(usage, 'inputTokens') + cacheReadTokens + written,
    cacheReadTokens,
    cacheWriteTokens: written - oneHour,
    cacheWrite1hTokens: oneHour,
    outputTokens: countAt(usage, 'outputTokens'),
    reasoningTokens: 0,
    inputAudioTokens: 0,
    outputAudioTokens: 0,
    ...(tier === undefined || tier === 'default' ? {} : { serviceTier: tier }),
    estimated: false,
  };
}

function writtenFor(details: readonly unknown[], ttl: string): number {
  let total = 0;
  for (const detail of details) if (isRecord(detail) && detail['ttl'] === ttl) total += countAt(detail, 'inputTokens');
  return total;
}
