import type { TokenUsage } from '#contracts';
import { countAt, recordAt, type JsonRecord } from '../json/record.ts';

/**
 * Anthropic's usage as totals: its `input_tokens` leave out what was read from and written to the cache
 * (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching), ours include both.
 */
export function mapUsage(usage: JsonRecord): TokenUsage {
  const cacheReadTokens = countAt(usage, 'cache_read_input_tokens');
  const cacheWriteTotal = countAt(usage, 'cache_creation_input_tokens');
  const byLifetime = recordAt(usage, 'cache_creation');
  const fiveMinutes = countAt(byLifetime, 'ephemeral_5m_input_tokens');
  const oneHour = countAt(byLifetime, 'ephemeral_1h_input_tokens');
  const written = Math.max(cacheWriteTotal, fiveMinutes + oneHour);
  return {
    inputTokens: countAt(usage, 'input_tokens') + cacheReadTokens + written,
    cacheReadTokens,
    cacheWriteTokens: written - oneHour,
    cacheWrite1hTokens: oneHour,
    outputTokens: countAt(usage, 'output_tokens'),
    reasoningTokens: countAt(recordAt(usage, 'output_tokens_details'), 'thinking_tokens'),
    inputAudioTokens: 0,
    outputAudioTokens: 0,
    estimated: false,
  };
}
