/** The first of `names` that is at most two edits away from `word`: what it was probably meant to be. */
export function nearName(word: string, names: Iterable<string>): string | undefined {
  const all = [...names];
  for (const edits of [1, 2]) {
    const near = word.length > edits + 1 ? all.find((name) => isWithin(word.toLowerCase(), name, edits)) : undefined;
    if (near !== undefined) return near;
  }
  return undefined;
}

/** One edit is a character added, removed or replaced. */
function isWithin(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (edits === 0 || Math.abs(a.length - b.length) > edits) return false;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const restOfA = a.slice(at);
  const restOfB = b.slice(at);
  return (
    isWithin(restOfA.slice(1), restOfB, edits - 1) ||
    isWithin(restOfA, restOfB.slice(1), edits - 1) ||
    isWithin(restOfA.slice(1), restOfB.slice(1), edits - 1)
  );
}
