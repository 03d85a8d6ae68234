import type { TokenUsage } from '#contracts';
import { countAt, isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** Tiers with prices of their own. */
const PRICED_TIERS: ReadonlySet<string | undefined> = new Set(['flex', 'priority']);

/** Usage of a response object: totals include cached and reasoning tokens. Undefined when it states none. */
export function mapUsage(response: JsonRecord): TokenUsage | undefined {
  const usage = recordAt(response, 'usage');
  if (usage === undefined) return undefined;
  const input = recordAt(usage, 'input_tokens_details');
  const output = recordAt(usage, 'output_tokens_details');
  const tier = stringAt(response, 'service_tier');
  const webSearches = countItems(response['output'], 'web_search_call');
  return {
    inputTokens: countAt(usage, 'input_tokens'),
    cacheReadTokens: countAt(input, 'cached_tokens'),
    cacheWriteTokens: countAt(input, 'cache_write_tokens'),
    cacheWrite1hTokens: 0,
    outputTokens: countAt(usage, 'output_tokens'),
    reasoningTokens: countAt(output, 'reasoning_tokens'),
    inputAudioTokens: countAt(input, 'audio_tokens'),
    outputAudioTokens: countAt(output, 'audio_tokens'),
    ...(webSearches === 0 ? {} : { webSearches }),
    ...(PRICED_TIERS.has(tier) ? { serviceTier: tier } : {}),
    estimated: false,
  };
}

function countItems(output: unknown, type: string): number {
  return Array.isArray(output) ? output.filter((item) => isRecord(item) && item['type'] === type).length : 0;
}
