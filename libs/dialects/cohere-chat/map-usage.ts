import { NO_USAGE, type TokenUsage } from '#contracts';
import { countAt, recordAt, type JsonRecord } from '../json/record.ts';

/**
 * `tokens` are what the model saw and wrote, `billed_units` what is paid for, without the preamble that Cohere adds itself
 * (https://docs.cohere.com/reference/chat). The ledger goes by the bill.
 */
export function mapUsage(usage: JsonRecord): TokenUsage {
  const tokens = recordAt(usage, 'tokens');
  const billed = recordAt(usage, 'billed_units') ?? tokens;
  const searchUnits = countAt(billed, 'search_units');
  return {
    ...NO_USAGE,
    inputTokens: countAt(billed, 'input_tokens'),
    cacheReadTokens: Math.min(countAt(usage, 'cached_tokens'), countAt(billed, 'input_tokens')),
    outputTokens: countAt(billed, 'output_tokens'),
    ...(searchUnits > 0 ? { searchUnits } : {}),
  };
}
