import { meanWeight, type RoutingModel, sigmoid } from './routing-model.ts';
import type { RoutingOutcome } from './routing-outcome.ts';
import { seededRandom, shuffle } from './seeded-random.ts';
import { createFeatureHasher } from './text-features.ts';

export interface TrainingOptions {
  readonly bits: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Pulls weights to zero. */
  readonly decay: number;
  readonly seed: number;
}

export const TRAINING: TrainingOptions = { bits: 16, epochs: 14, learningRate: 0.008, decay: 1e-5, seed: 7 };

/** What a text is turned into once, to be gone through many times. */
export type HashedText = Uint32Array;

export function hashTexts(texts: readonly string[], bits: number): readonly HashedText[] {
  const featuresOf = createFeatureHasher(bits);
  return texts.map((text) => {
    const { positions, count } = featuresOf(text);
    return positions.slice(0, count);
  });
}

export interface FloatModel {
  readonly weights: Float32Array;
  readonly bias: number;
}

/**
 * Fits a logistic model to what the strong model gained: 1 where it alone was right, 0 where the weak one alone was, and a half where it made no
 * difference. Its expectation is in the order of the expected gain, which is the order to spend a budget in. Adagrad
 * (https://jmlr.org/papers/v12/duchi11a.html), one example at a time, in an order that the seed gives: the same data make the same model.
 */
export function fitModel(texts: readonly HashedText[], outcomes: readonly RoutingOutcome[], options: TrainingOptions): FloatModel {
  const weights = new Float32Array(2 ** options.bits);
  const squares = new Float32Array(2 ** options.bits);
  const targets = targetsOf(outcomes);
  const order = texts.map((_, at) => at);
  const random = seededRandom(options.seed);
  let bias = 0;
  let biasSquares = 0;
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    shuffle(order, random);
    for (const at of order) {
      const positions = texts[at];
      const target = targets[at];
      if (positions === undefined || target === undefined) continue;
      const count = positions.length;
      const error = sigmoid(bias + meanWeight({ positions, count }, weights)) - target;
      biasSquares += error * error;
      bias -= (options.learningRate * error) / Math.sqrt(biasSquares + 1e-8);
      const slope = error / Math.sqrt(count);
      for (let feature = 0; feature < count; feature += 1) {
        const position = positions[feature] ?? 0;
        const weight = weights[position] ?? 0;
        const gradient = slope + options.decay * weight;
        const square = (squares[position] ?? 0) + gradient * gradient;
        squares[position] = square;
        weights[position] = weight - (options.learningRate * gradient) / Math.sqrt(square + 1e-8);
      }
    }
  }
  return { weights, bias };
}

/** A model that was not asked is taken to do as well as it does where it was. */
function targetsOf(outcomes: readonly RoutingOutcome[]): readonly number[] {
  const weakRate = rateOf(outcomes.map(({ weak }) => weak));
  const strongRate = rateOf(outcomes.map(({ strong }) => strong));
  const chance = (known: boolean | null, rate: number): number => (known === null ? rate : Number(known));
  return outcomes.map(({ weak, strong }) => (1 + chance(strong, strongRate) - chance(weak, weakRate)) / 2);
}

function rateOf(known: readonly (boolean | null)[]): number {
  const asked = known.filter((one) => one !== null);
  return asked.length === 0 ? 0.5 : asked.filter(Boolean).length / asked.length;
}

export function scoreHashed(positions: HashedText, { weights, bias }: FloatModel): number {
  return sigmoid(bias + meanWeight({ positions, count: positions.length }, weights));
}

/** Rounds the weights to int8. */
export function quantized({ weights, bias }: FloatModel, bits: number): Omit<RoutingModel, 'quantiles'> {
  let largest = 0;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const scale = largest === 0 ? 1 : largest / 127;
  return { bits, scale, bias, weights: Int8Array.from(weights, (weight) => Math.round(weight / scale)) };
}

/** The scores that 0 %, 1 %, … 100 % of the texts lie below. */
export function scoreQuantiles(scores: readonly number[]): readonly number[] {
  const sorted = scores.toSorted((a, b) => a - b);
  return Array.from({ length: 101 }, (_, percent) => rounded(sorted[Math.round((percent / 100) * (sorted.length - 1))] ?? 0));
}

function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
