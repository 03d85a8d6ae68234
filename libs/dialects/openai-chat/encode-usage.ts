import type { TokenUsage } from '#contracts';
import type { JsonRecord } from '../json/record.ts';

/** Usage as OpenAI states it, with the cache counts that LiteLLM clients read beside. */
export function encodeUsage(usage: TokenUsage): JsonRecord {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: usage.inputAudioTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens, audio_tokens: usage.outputAudioTokens },
    cache_creation_input_tokens: usage.cacheWriteTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
  };
}
