import type { TokenUsage } from '#contracts';
import type { JsonRecord } from '../json/record.ts';

/** Usage as Anthropic states it: `input_tokens` are what was neither read from nor written to a cache. */
export function encodeUsage(usage: TokenUsage): JsonRecord {
  const written = usage.cacheWriteTokens + usage.cacheWrite1hTokens;
  return {
    input_tokens: Math.max(0, usage.inputTokens - usage.cacheReadTokens - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
    ...(usage.reasoningTokens > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoningTokens } } : {}),
  };
}
