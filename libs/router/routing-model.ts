import { createFeatureHasher, type TextFeatures } from './text-features.ts';

/** A logistic model over hashed features. The weights are int8, in units of `scale`. */
export interface RoutingModel {
  /** 2 ** bits weights. */
  readonly bits: number;
  readonly scale: number;
  readonly bias: number;
  readonly weights: Int8Array;
  /** Scores that 0 %, 1 %, … 100 % of the prompts it was trained on lie below: what a share of them means as a threshold. */
  readonly quantiles: readonly number[];
}

/** What the strong model is worth for a text: 0 to 1, where half means that it does no better than the weak one. */
export type ScoreText = (text: string) => number;

export function createScorer({ bits, scale, bias, weights }: RoutingModel): ScoreText {
  const featuresOf = createFeatureHasher(bits);
  return (text) => sigmoid(bias + scale * meanWeight(featuresOf(text), weights));
}

/** Sum over the square root of the count: texts of all lengths score on one scale. */
export function meanWeight({ positions, count }: TextFeatures, weights: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += weights[positions[at] ?? 0] ?? 0;
  return count === 0 ? 0 : sum / Math.sqrt(count);
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** The score from which on a prompt belongs to the share of 0 to 1 that goes to the strong model. */
export function thresholdFor(share: number, quantiles: readonly number[]): number {
  if (share <= 0) return Number.POSITIVE_INFINITY;
  if (share >= 1) return Number.NEGATIVE_INFINITY;
  const place = (1 - share) * (quantiles.length - 1);
  const below = Math.floor(place);
  const low = quantiles[below] ?? 0;
  return low + (place - below) * ((quantiles[below + 1] ?? low) - low);
}
