import type { TokenUsage } from '#contracts';
import { countAt, isRecord, recordAt, type JsonRecord } from '../json/record.ts';

/**
 * Usage as the dialect's hosts state it. Prompt tokens include cached ones and completion tokens include reasoning, but
 * for hosts that show by their own `total_tokens` that reasoning is counted beside (xAI), and for cached counts above the
 * prompt's, which can only be beside it. Undefined when there is nothing to read.
 */
export function mapUsage(usage: unknown): TokenUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const input = recordAt(usage, 'prompt_tokens_details') ?? recordAt(usage, 'prompt_token_details');
  const output = recordAt(usage, 'completion_tokens_details');
  const promptTokens = countAt(usage, 'prompt_tokens');
  const cacheReadTokens = readCachedTokens(usage, input);
  const reasoningTokens = countAt(output, 'reasoning_tokens');
  return {
    inputTokens: cacheReadTokens > promptTokens ? promptTokens + cacheReadTokens : promptTokens,
    cacheReadTokens,
    cacheWriteTokens: countAt(input, 'cache_write_tokens') || countAt(usage, 'cache_creation_input_tokens'),
    cacheWrite1hTokens: 0,
    outputTokens: countOutput(usage, reasoningTokens),
    reasoningTokens,
    inputAudioTokens: countAt(input, 'audio_tokens'),
    outputAudioTokens: countAt(output, 'audio_tokens'),
    estimated: false,
  };
}

/** OpenAI, DeepSeek, Moonshot, Mistral and LiteLLM each name it differently. */
function readCachedTokens(usage: JsonRecord, input: JsonRecord | undefined): number {
  return (
    countAt(input, 'cached_tokens') ||
    countAt(usage, 'prompt_cache_hit_tokens') ||
    countAt(usage, 'cached_tokens') ||
    countAt(usage, 'num_cached_tokens') ||
    countAt(usage, 'cache_read_input_tokens')
  );
}

function countOutput(usage: JsonRecord, reasoningTokens: number): number {
  const completionTokens = countAt(usage, 'completion_tokens');
  const isBeside =
    reasoningTokens > 0 && countAt(usage, 'total_tokens') === countAt(usage, 'prompt_tokens') + completionTokens + reasoningTokens;
  return isBeside || reasoningTokens > completionTokens ? completionTokens + reasoningTokens : completionTokens;
}
