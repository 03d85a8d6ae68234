/** Text that an array literal can hold as it is: no quotes, commas, braces or blanks. */
const PLAIN = /^[\w.:/@+-]+$/;
const NULL = /^null$/i;
const QUOTED = /["\\]/g;

/**
 * Values as the text of a Postgres array: `{1,NULL,"a b"}`. Numbers that are none (NaN, Infinity) and what is undefined become NULL, as
 * in JSON; objects become their JSON. Null when no value is there at all: `unnest` fills the column up.
 *
 * Characters that Postgres's text can't hold (NUL, halves of surrogate pairs, which a provider's error text cut in the middle of a
 * character does bring along) become U+FFFD.
 */
export function arrayLiteral(values: readonly unknown[]): string | null {
  const elements: string[] = [];
  let isEmpty = true;
  let before: unknown;
  let element = 'NULL';
  for (const value of values) {
    // most columns say the same in row after row
    if (value !== before) {
      element = elementOf(value) ?? 'NULL';
      before = value;
    }
    if (element !== 'NULL') isEmpty = false;
    elements.push(element);
  }
  return isEmpty ? null : `{${elements.join(',')}}`;
}

function elementOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) && !NULL.test(value) ? value : quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      return value === null ? undefined : quote(JSON.stringify(value));
    default:
      return undefined;
  }
}

function quote(text: string): string {
  return `"${text.replaceAll('\0', '\uFFFD').toWellFormed().replace(QUOTED, '\\$&')}"`;
}
