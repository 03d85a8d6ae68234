import type { WholeOutcome } from './routing-outcome.ts';

/** An outcome, and how the router ranks its prompt: the higher, the sooner it goes to the strong model. */
export interface RankedOutcome extends Pick<WholeOutcome, 'weak' | 'strong'> {
  readonly score: number;
}

/**
 * How much of the quality gap between the weak and the strong model a ranking recovers, in RouteLLM's terms (https://arxiv.org/abs/2406.18665, section
 * 3): PGR is the share of the gap at a share of calls to the strong model, APGR its mean over all shares (a random ranking has 0.5), CPT the smallest
 * share of strong calls that reaches a PGR.
 */
export interface QualityGap {
  readonly apgr: number;
  readonly cpt50: number;
  readonly cpt80: number;
}

/** Undefined where the strong model is no better: there is no gap to recover. */
export function qualityGap(outcomes: readonly RankedOutcome[]): QualityGap | undefined {
  const ranked = outcomes.toSorted((a, b) => b.score - a.score);
  const gap = ranked.reduce((sum, one) => sum + gainOf(one), 0);
  if (gap <= 0) return undefined;
  let recovered = 0;
  let area = 0;
  let reached50: number | undefined;
  let reached80: number | undefined;
  for (const [at, one] of ranked.entries()) {
    const before = recovered;
    recovered += gainOf(one);
    // the trapezoid between two calls
    area += (before + recovered) / 2;
    if (recovered >= gap * 0.5) reached50 ??= (at + 1) / ranked.length;
    if (recovered >= gap * 0.8) reached80 ??= (at + 1) / ranked.length;
  }
  return { apgr: area / gap / ranked.length, cpt50: reached50 ?? 1, cpt80: reached80 ?? 1 };
}

function gainOf({ weak, strong }: Pick<WholeOutcome, 'weak' | 'strong'>): number {
  return Number(strong) - Number(weak);
}
