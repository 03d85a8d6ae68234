const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const MAX_YEARS = 100;

/** The instant `duration` (`30s`, `30m`, `30h`, `30d`, `2w`, `1mo`) after `from`; `undefined` when it is none, or longer than 100 years. */
export function addDuration(from: Date, duration: string): Date | undefined {
  const match = /^(\d{1,12})(s|m|h|d|w|mo)$/.exec(duration.trim());
  const count = Number(match?.[1]);
  const unit = match?.[2];
  if (unit === undefined || count < 1) return undefined;
  const until = unit === 'mo' ? addMonths(from, count) : new Date(from.getTime() + count * UNIT_MS[unit as keyof typeof UNIT_MS]);
  const latest = addMonths(from, MAX_YEARS * 12);
  return until <= latest ? until : undefined;
}

/** The same day and time of a later month, in UTC; its last day where it has no such day. */
function addMonths(from: Date, months: number): Date {
  const until = new Date(from);
  until.setUTCDate(1);
  until.setUTCMonth(until.getUTCMonth() + months);
  const daysInMonth = new Date(Date.UTC(until.getUTCFullYear(), until.getUTCMonth() + 1, 0)).getUTCDate();
  until.setUTCDate(Math.min(from.getUTCDate(), daysInMonth));
  return until;
}
