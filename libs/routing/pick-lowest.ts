/**
 * The positions of the `count` lowest scores, lowest first; of equal ones the earlier position. Infinite scores are last. One pass, since
 * sorting 200 scores takes longer than all the rest of a plan, which needs three.
 */
export function pickLowest(scores: readonly number[], count: number): number[] {
  const most = Math.min(count, scores.length);
  if (most <= 0) return [];
  const picked: number[] = [];
  let highest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < scores.length; at += 1) {
    const score = scores[at] ?? Number.POSITIVE_INFINITY;
    if (picked.length === most && score >= highest) continue;
    if (picked.length === most) picked.pop();
    insert(at, score, picked, scores);
    highest = scores[picked.at(-1) ?? 0] ?? Number.POSITIVE_INFINITY;
  }
  return picked;
}

/** Behind all whose score is as low. */
function insert(position: number, score: number, picked: number[], scores: readonly number[]): void {
  let place = picked.length;
  while (place > 0 && (scores[picked[place - 1] ?? 0] ?? 0) > score) place -= 1;
  picked.splice(place, 0, position);
}
