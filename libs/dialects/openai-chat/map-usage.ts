import type { TokenUsage } from '#contracts';
import { countAt, isRecord, recordAt, type JsonRecord } from '../json/record.ts';

/**
 * Usage of an answer or a chunk as the dialect's hosts state it: in `usage`, or in `x_groq` at the end of Groq's streams. The service
 * tier stands beside it. Undefined when there is nothing to read.
 */
export function usageOfAnswer(answer: JsonRecord): TokenUsage | undefined {
  const usage = mapUsage(answer['usage']) ?? mapUsage(recordAt(answer, 'x_groq')?.['usage']);
  const serviceTier = answer['service_tier'];
  return usage !== undefined && typeof serviceTier === 'string' && PRICED_TIERS.has(serviceTier) ? { ...usage, serviceTier } : usage;
}

/** Tiers with a price of their own. */
const PRICED_TIERS: ReadonlySet<string> = new Set(['flex', 'priority', 'batch']);

/**
 * The `usage` object. Prompt tokens include cached ones and completion tokens include reasoning, but for hosts that show by their
 * own `total_tokens` that reasoning is counted beside (xAI), for Perplexity, whose cited and reasoning tokens are billed beside
 * both, and for cached counts above the prompt's, which can only be beside it. What a host does is read from the numbers and not
 * from its name: the same servers stand behind many names.
 */
export function mapUsage(usage: unknown): TokenUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const input = recordAt(usage, 'prompt_tokens_details') ?? recordAt(usage, 'prompt_token_details');
  const output = recordAt(usage, 'completion_tokens_details');
  const promptTokens = countAt(usage, 'prompt_tokens') + countAt(usage, 'citation_tokens');
  const cacheReadTokens = readCachedTokens(usage, input);
  const reasoningTokens = countAt(output, 'reasoning_tokens') || countAt(usage, 'reasoning_tokens');
  return {
    inputTokens: cacheReadTokens > promptTokens ? promptTokens + cacheReadTokens : promptTokens,
    cacheReadTokens,
    cacheWriteTokens: countAt(input, 'cache_write_tokens') || countAt(usage, 'cache_creation_input_tokens'),
    cacheWrite1hTokens: 0,
    outputTokens: countOutput(usage, reasoningTokens),
    reasoningTokens,
    inputAudioTokens: countAt(input, 'audio_tokens'),
    outputAudioTokens: countAt(output, 'audio_tokens'),
    ...counted('inputImageTokens', countAt(input, 'image_tokens')),
    ...counted('outputImageTokens', countAt(output, 'image_tokens')),
    ...counted('webSearches', countAt(usage, 'num_search_queries')),
    ...statedCost(usage),
    estimated: false,
  };
}

/**
 * What some hosts say the call cost, in US dollars: OpenRouter `cost`, beside which a call with the user's own key has
 * `cost_details.upstream_inference_cost` (https://openrouter.ai/docs/use-cases/usage-accounting), Perplexity `cost.total_cost`.
 */
function statedCost(usage: JsonRecord): Partial<TokenUsage> {
  const cost = recordAt(usage, 'cost')?.['total_cost'] ?? usage['cost'];
  if (typeof cost !== 'number' || !(cost >= 0) || !Number.isFinite(cost)) return {};
  const upstream = usage['is_byok'] === true ? recordAt(usage, 'cost_details')?.['upstream_inference_cost'] : undefined;
  return { statedCostUsd: String(typeof upstream === 'number' && upstream > 0 ? addedUp(cost, upstream) : cost) };
}

/** Floats of money added without dust: to the hundredth of a millionth of a cent. */
function addedUp(a: number, b: number): number {
  return Number((a + b).toFixed(10));
}

function counted(name: 'inputImageTokens' | 'outputImageTokens' | 'webSearches', count: number): Partial<TokenUsage> {
  return count === 0 ? {} : { [name]: count };
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
  const isPerplexity = usage['citation_tokens'] !== undefined || usage['num_search_queries'] !== undefined;
  return isBeside || isPerplexity || reasoningTokens > completionTokens ? completionTokens + reasoningTokens : completionTokens;
}
