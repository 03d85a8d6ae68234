/**
 * The word of `words` that `word` most likely was meant to be; undefined when none is within two thirds of a match.
 *
 * @param {string} word
 * @param {readonly string[]} words
 * @returns {string | undefined}
 */
export function closest(word, words) {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored = words.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }));
  const [best] = scored.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= limit ? best.candidate : undefined;
}

/** Levenshtein distance, one row kept. */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1), row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
