import type { CostBreakdown, TokenUsage } from '#contracts';
import { type CountedUsage, countUsage } from './count-usage.ts';
import { formatDecimal } from './decimal.ts';
import { imageRate } from './image-rate.ts';
import type { RateTable } from './rate-table.ts';
import type { Rates } from './rates.ts';

export interface CostOptions {
  /** The provider answered: a price per request is due though nothing was counted. */
  readonly answered?: boolean | undefined;
}

/**
 * The cost of one attempt, exact: the parts add up to the total digit for digit. Undefined when something was counted that the table has
 * no price for.
 *
 * Tokens come before other counts: what a provider has stated in tokens of sound or picture is not paid again by the second or piece.
 */
export function costOfUsage(usage: TokenUsage, table: RateTable, options: CostOptions = {}): CostBreakdown | undefined {
  const counts = countUsage(usage);
  const rates = table.ratesFor(counts.inputTotal, usage.serviceTier);
  const media = mediaCost(counts, rates, usage);
  const fees = feesOf(counts, rates, table.searchPerPrompt, options.answered === true);
  if (!table.free && !isCovered(counts, rates, media.charged || fees.charged)) return undefined;
  const usd = (amount: bigint): string => formatDecimal(amount, rates.scale);

  const input = times(rates.input, counts.input);
  const cacheRead = times(rates.cacheRead, counts.cacheRead);
  const cacheWrite = times(rates.cacheWrite, counts.cacheWrite) + times(rates.cacheWrite1h, counts.cacheWrite1h);
  const output = times(rates.output, counts.output);
  const reasoning = times(rates.reasoning, counts.reasoning);
  const audio = times(rates.inputAudio, counts.inputAudio) + times(rates.outputAudio, counts.outputAudio) + media.sound;
  const image = times(rates.inputImage, counts.inputImage) + times(rates.outputImage, counts.outputImage) + media.pictures;
  const total = input + cacheRead + cacheWrite + output + reasoning + audio + image + fees.amount;
  return {
    inputUsd: usd(input),
    cacheReadUsd: usd(cacheRead),
    cacheWriteUsd: usd(cacheWrite),
    outputUsd: usd(output),
    ...(counts.reasoning > 0 ? { reasoningUsd: usd(reasoning) } : undefined),
    ...(audio > 0n ? { audioUsd: usd(audio) } : undefined),
    ...(image > 0n ? { imageUsd: usd(image) } : undefined),
    ...(fees.amount > 0n ? { requestUsd: usd(fees.amount) } : undefined),
    totalUsd: usd(total),
  };
}

/** Pictures, seconds and characters where they are counted instead of tokens. */
function mediaCost(counts: CountedUsage, rates: Rates, usage: TokenUsage): { sound: bigint; pictures: bigint; charged: boolean } {
  const picture = counts.images > 0 && counts.outputImage === 0 ? imageRate(rates, usage) : undefined;
  const isSpoken = counts.inputAudio + counts.outputAudio > 0;
  const second = counts.milliseconds > 0 && !isSpoken ? rates.millisecond : undefined;
  const character = counts.characters > 0 && counts.inputTotal === 0 ? rates.character : undefined;
  return {
    pictures: times(picture ?? 0n, counts.images),
    sound: times(second ?? 0n, counts.milliseconds) + times(character ?? 0n, counts.characters),
    charged: picture !== undefined || second !== undefined || character !== undefined,
  };
}

function feesOf(counts: CountedUsage, rates: Rates, perPrompt: boolean, answered: boolean): { amount: bigint; charged: boolean } {
  const isDue = answered || counts.inputTotal + counts.outputTotal + otherCounts(counts) > 0;
  const request = isDue ? rates.request : undefined;
  const query = counts.searchUnits > 0 ? rates.query : undefined;
  const searches = perPrompt ? Math.min(1, counts.webSearches) : counts.webSearches;
  return {
    amount: (request ?? 0n) + times(query ?? 0n, counts.searchUnits) + times(rates.webSearch ?? 0n, searches),
    charged: (request !== undefined && request > 0n) || query !== undefined,
  };
}

/** Where something else was charged, tokens without a price are part of it; where tokens were stated, they stand for everything. */
function isCovered(counts: CountedUsage, rates: Rates, charged: boolean): boolean {
  if (charged) return true;
  if (counts.inputTotal > 0 && !rates.inputPriced) return false;
  if (counts.outputTotal > 0 && !rates.outputPriced) return false;
  return otherCounts(counts) === 0 || counts.inputTotal + counts.outputTotal > 0;
}

function otherCounts(counts: CountedUsage): number {
  return counts.images + counts.milliseconds + counts.characters + counts.searchUnits;
}

function times(rate: bigint, count: number): bigint {
  return count === 0 ? 0n : rate * BigInt(count);
}
