const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** The first instant of a day or time as written, UTC where it names no zone; `undefined` when it is neither. */
export function startOf(text: string): Date | undefined {
  return parse(text);
}

/** The first instant after a day or time as written: an end date is part of the range, all day. */
export function endOf(text: string): Date | undefined {
  const start = parse(text);
  return start && new Date(start.getTime() + (DAY.test(text) ? DAY_MS : 1));
}

function parse(text: string): Date | undefined {
  if (!DAY.test(text) && !INSTANT.test(text)) return undefined;
  const hasZone = DAY.test(text) || /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const date = new Date(hasZone ? text : `${text}Z`);
  // 2025-02-30 is read as March 2 by some and refused by others
  return Number.isNaN(date.getTime()) || (DAY.test(text) && !date.toISOString().startsWith(text)) ? undefined : date;
}
