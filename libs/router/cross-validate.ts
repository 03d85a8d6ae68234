import { createHash } from 'node:crypto';
import type { RankedOutcome } from './quality-gap.ts';
import { isWhole, type RoutingOutcome, type WholeOutcome } from './routing-outcome.ts';
import { fitModel, hashTexts, scoreHashed, type TrainingOptions } from './train-model.ts';

/** Which outcomes are held out together. */
export type FoldKey = (outcome: RoutingOutcome) => string;

/** Each outcome of which both halves are known, with the score of a model that was trained without its fold. Equal texts are never on both sides. */
export function crossValidate(
  outcomes: readonly RoutingOutcome[],
  folds: { readonly count: number; readonly keyOf: FoldKey },
  options: TrainingOptions,
): readonly (RankedOutcome & WholeOutcome)[] {
  const texts = hashTexts(
    outcomes.map(({ prompt }) => prompt),
    options.bits,
  );
  const foldOf = outcomes.map((outcome) => foldNumber(folds.keyOf(outcome), folds.count));
  const scores = new Float64Array(outcomes.length);
  for (let fold = 0; fold < folds.count; fold += 1) {
    const seen = outcomes.flatMap((_, at) => (foldOf[at] === fold ? [] : [at]));
    const model = fitModel(pick(texts, seen), pick(outcomes, seen), options);
    for (const [at, text] of texts.entries()) if (foldOf[at] === fold) scores[at] = scoreHashed(text, model);
  }
  return outcomes.flatMap((outcome, at) => (isWhole(outcome) ? [{ ...outcome, score: scores[at] ?? 0 }] : []));
}

function pick<T>(list: readonly T[], places: readonly number[]): readonly T[] {
  return places.flatMap((at) => list[at] ?? []);
}

function foldNumber(key: string, count: number): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % count;
}
