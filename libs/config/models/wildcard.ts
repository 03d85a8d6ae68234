/** A model name pattern with one or more `*`, each standing for any text, empty included. */
export interface Wildcard {
  readonly pattern: string;
  /** What the stars stand for in a name, in order; undefined when the name does not match. */
  capture(name: string): readonly string[] | undefined;
}

export function isWildcard(name: string): boolean {
  return name.includes('*');
}

export function createWildcard(pattern: string): Wildcard {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('(.*)');
  const regex = new RegExp(`^${source}$`, 's');
  return { pattern, capture: (name) => regex.exec(name)?.slice(1) };
}

/** Puts captures in the place of the stars of another pattern, first to first; a star without a capture becomes nothing. */
export function substitute(pattern: string, captures: readonly string[]): string {
  let next = 0;
  return pattern.replaceAll('*', () => captures[next++] ?? '');
}

/** Sorts the most specific first: more literal characters, then fewer stars. */
export function bySpecificity(a: Wildcard, b: Wildcard): number {
  const stars = (wildcard: Wildcard): number => wildcard.pattern.split('*').length - 1;
  const literals = (wildcard: Wildcard): number => wildcard.pattern.length - stars(wildcard);
  return literals(b) - literals(a) || stars(a) - stars(b);
}
