import { NO_USAGE, type TokenUsage } from '#contracts';
import { countAt, isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** Tiers that are priced apart; `standard` is the price itself. */
const PRICED_TIERS: ReadonlySet<string> = new Set(['priority', 'batch']);

/**
 * Anthropic's usage as totals: its `input_tokens` leave out what was read from and written to the cache
 * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching), ours include both. What the host spent on compacting the
 * conversation is billed and stands beside the totals (https://platform.claude.com/docs/en/build-with-claude/compaction#usage).
 */
export function mapUsage(usage: JsonRecord): TokenUsage {
  const iterations: readonly unknown[] = Array.isArray(usage['iterations']) ? usage['iterations'] : [];
  const compactions = iterations.filter(isRecord).filter((iteration) => iteration['type'] === 'compaction');
  const total = [usage, ...compactions].map(countTokens).reduce(addTokens);
  const webSearches = countAt(recordAt(usage, 'server_tool_use'), 'web_search_requests');
  const serviceTier = stringAt(usage, 'service_tier');
  return {
    ...total,
    ...(webSearches > 0 ? { webSearches } : {}),
    ...(serviceTier !== undefined && PRICED_TIERS.has(serviceTier) ? { serviceTier } : {}),
  };
}

function countTokens(usage: JsonRecord): TokenUsage {
  const cacheReadTokens = countAt(usage, 'cache_read_input_tokens');
  const cacheWriteTotal = countAt(usage, 'cache_creation_input_tokens');
  const byLifetime = recordAt(usage, 'cache_creation');
  const fiveMinutes = countAt(byLifetime, 'ephemeral_5m_input_tokens');
  const oneHour = countAt(byLifetime, 'ephemeral_1h_input_tokens');
  const written = Math.max(cacheWriteTotal, fiveMinutes + oneHour);
  return {
    ...NO_USAGE,
    inputTokens: countAt(usage, 'input_tokens') + cacheReadTokens + written,
    cacheReadTokens,
    cacheWriteTokens: written - oneHour,
    cacheWrite1hTokens: oneHour,
    outputTokens: countAt(usage, 'output_tokens'),
    reasoningTokens: countAt(recordAt(usage, 'output_tokens_details'), 'thinking_tokens'),
  };
}

function addTokens(one: TokenUsage, other: TokenUsage): TokenUsage {
  return {
    ...one,
    inputTokens: one.inputTokens + other.inputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    cacheWrite1hTokens: one.cacheWrite1hTokens + other.cacheWrite1hTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
  };
}
