import { type QualityGap, qualityGap, type RankedOutcome } from './quality-gap.ts';
import { seededRandom } from './seeded-random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 95 % intervals, and the mean of what was drawn. */
export type GapIntervals = Readonly<Record<keyof QualityGap, Interval>> & { readonly mean: QualityGap };

/** The outcomes drawn anew, with repetition, so many times: Efron's percentile bootstrap. */
export function bootstrapGap(ranked: readonly RankedOutcome[], rounds: number, seed: number): GapIntervals | undefined {
  const random = seededRandom(seed);
  return gapIntervals(rounds, () => ranked.map((one) => ranked[Math.floor(random() * ranked.length)] ?? one));
}

/** Undefined where no draw has a gap. */
export function gapIntervals(rounds: number, draw: () => readonly RankedOutcome[]): GapIntervals | undefined {
  const drawn: QualityGap[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const gap = qualityGap(draw());
    if (gap !== undefined) drawn.push(gap);
  }
  if (drawn.length === 0) return undefined;
  const apgr = describe(drawn.map((gap) => gap.apgr));
  const cpt50 = describe(drawn.map((gap) => gap.cpt50));
  const cpt80 = describe(drawn.map((gap) => gap.cpt80));
  return { apgr, cpt50, cpt80, mean: { apgr: apgr.mean, cpt50: cpt50.mean, cpt80: cpt80.mean } };
}

function describe(values: readonly number[]): Interval & { readonly mean: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(0.025), high: at(0.975), mean: values.reduce((sum, value) => sum + value, 0) / values.length };
}
