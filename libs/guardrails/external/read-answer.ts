export type AnswerRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is AnswerRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws for anything but an object. */
export function recordOf(value: unknown): AnswerRecord {
  if (isRecord(value)) return value;
  throw new Error('the guardrail’s answer is no object');
}

/** The objects of a list; none where there is no list. */
export function recordsAt(value: AnswerRecord, name: string): readonly AnswerRecord[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

export function textAt(value: AnswerRecord, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' ? text : undefined;
}

/** Names of categories come from a service: short, and of plain signs. */
export function categoryName(name: string | undefined): string {
  const plain = (name ?? '').replaceAll(/[^\w/.-]+/g, '_').slice(0, 64);
  return plain === '' ? 'flagged' : plain;
}

export function count(names: readonly string[]): Readonly<Record<string, number>> | undefined {
  if (names.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The texts that a service gives back, where they are as many as it was given and not the same. Throws where their number is another. */
export function replacedTexts(texts: readonly string[] | undefined, asked: readonly string[]): readonly string[] | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  if (texts.length !== asked.length) throw new Error('the guardrail gave back another number of texts');
  return texts.every((text, index) => text === asked[index]) ? undefined : texts;
}
