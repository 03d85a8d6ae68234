import type { CostBreakdown, TokenUsage } from '#contracts';
import { formatDecimal } from './decimal.ts';
import { ratesFor, type RateTable } from './rates.ts';

/**
 * The cost of one attempt, exact: the four parts add up to the total digit for digit. Cached and audio tokens are parts of
 * the input and are taken out of it before the rest is priced; where a provider states more parts than input, the rest is 0.
 * A price per request counts as input.
 */
export function costOfUsage(usage: TokenUsage, table: RateTable): CostBreakdown {
  const rates = ratesFor(table, tokens(usage.inputTokens));
  const cacheRead = tokens(usage.cacheReadTokens);
  const cacheWrite = tokens(usage.cacheWriteTokens);
  const cacheWrite1h = tokens(usage.cacheWrite1hTokens);
  const uncached = Math.max(0, tokens(usage.inputTokens) - cacheRead - cacheWrite - cacheWrite1h);
  const inputAudio = Math.min(tokens(usage.inputAudioTokens), uncached);
  const produced = tokens(usage.outputTokens);
  const outputAudio = Math.min(tokens(usage.outputAudioTokens), produced);
  const reasoning = Math.min(tokens(usage.reasoningTokens), produced - outputAudio);

  const input = times(rates.input, uncached - inputAudio) + times(rates.inputAudio, inputAudio) + rates.request;
  const read = times(rates.cacheRead, cacheRead);
  const write = times(rates.cacheWrite, cacheWrite) + times(rates.cacheWrite1h, cacheWrite1h);
  const output =
    times(rates.output, produced - outputAudio - reasoning) + times(rates.outputAudio, outputAudio) + times(rates.reasoning, reasoning);
  return {
    inputUsd: formatDecimal(input, rates.scale),
    cacheReadUsd: formatDecimal(read, rates.scale),
    cacheWriteUsd: formatDecimal(write, rates.scale),
    outputUsd: formatDecimal(output, rates.scale),
    totalUsd: formatDecimal(input + read + write + output, rates.scale),
  };
}

/** Providers have sent negative, fractional and missing counts; none of them may cost the ledger its row. */
function tokens(count: number): number {
  return count > 0 && count <= Number.MAX_SAFE_INTEGER ? Math.round(count) : 0;
}

function times(rate: bigint, count: number): bigint {
  return count === 0 ? 0n : rate * BigInt(count);
}
