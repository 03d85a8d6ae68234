declare global {
  /** ECMAScript's "JSON.parse source text access", in V8 since 11.4 and not yet in TypeScript's own library. */
  interface JSON {
    rawJSON(text: string): object;
    parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  }
}

/** Only a text with such a run of digits or an exponent can hold a number that a double would change. */
const MAY_LOSE_DIGITS = /\d{16}|\d[eE][+-]?\d/;

/**
 * Parses JSON so that `JSON.stringify` writes every number with its own digits again: numbers that a double can't hold
 * (ids beyond 2^53, long fractions) become raw JSON values. For translated bodies, where bytes can't be passed on.
 * Throws `SyntaxError`.
 */
export function parseExact(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || context.source === undefined) return value;
    return MAY_LOSE_DIGITS.test(context.source) ? JSON.rawJSON(context.source) : value;
  });
}
