import { countAt, isRecord, type JsonRecord } from '../json/record.ts';

type Headers = Readonly<Record<string, string>>;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Above this a plain number is a Unix time, not a span. */
const UNIX_SECONDS_FROM = 1e9;
const UNIX_MILLIS_FROM = 1e12;

export interface RetryAfterInput {
  readonly headers: Headers;
  /** The body's error object, for Google's `RetryInfo`. */
  readonly error: JsonRecord | undefined;
  /** Unix milliseconds; the answer's own `date` header counts more, as the provider reckons by its own clock. */
  readonly nowMs: number;
  /** Look at the rate-limit reset headers too: they are sent with every answer and mean a wait only on a 429. */
  readonly isRateLimit: boolean;
}

/**
 * How long the provider asks to wait, in milliseconds, from the most to the least precise word it gave:
 * `retry-after-ms`, `retry-after` (seconds or HTTP date, RFC 9110 section 10.2.3), Google's `RetryInfo`, and the reset time of
 * a used-up `*ratelimit*` header (a span such as `6m0s`, an RFC 3339 time, or a Unix time).
 */
export function readRetryAfterMs(input: RetryAfterInput): number | undefined {
  const now = headerTime(input.headers['date']) ?? input.nowMs;
  const candidates = [
    milliseconds(input.headers['retry-after-ms']),
    milliseconds(input.headers['x-ms-retry-after-ms']),
    parseWait(input.headers['retry-after'], now),
    retryInfo(input.error, now),
    input.isRateLimit ? rateLimitReset(input.headers, now) : undefined,
  ];
  const waitMs = candidates.find((candidate) => candidate !== undefined);
  return waitMs === undefined ? undefined : Math.max(0, Math.ceil(waitMs));
}

function milliseconds(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** `12`, `0.5`, `6m0s`, `100ms`, an HTTP date, an RFC 3339 time or a Unix time, as milliseconds from now. */
function parseWait(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const value = milliseconds(text);
  if (value !== undefined) {
    if (value >= UNIX_MILLIS_FROM) return value - now;
    return value >= UNIX_SECONDS_FROM ? value * 1_000 - now : value * 1_000;
  }
  return parseSpan(text) ?? timeFromNow(text, now);
}

function parseSpan(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return total;
}

function timeFromNow(text: string, now: number): number | undefined {
  const time = headerTime(text);
  return time === undefined ? undefined : time - now;
}

function headerTime(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function retryInfo(error: JsonRecord | undefined, now: number): number | undefined {
  const details = error?.['details'];
  if (!Array.isArray(details)) return undefined;
  for (const detail of details as readonly unknown[]) {
    if (isRecord(detail) && typeof detail['retryDelay'] === 'string') return parseWait(detail['retryDelay'], now);
  }
  return undefined;
}

/** The latest reset among the limits that have nothing left; when none says what is left, the earliest reset. */
function rateLimitReset(headers: Headers, now: number): number | undefined {
  const usedUp: number[] = [];
  const unknown: number[] = [];
  for (const [name, text] of Object.entries(headers)) {
    if (!name.includes('ratelimit') || !name.includes('reset')) continue;
    const waitMs = parseWait(text, now);
    if (waitMs === undefined) continue;
    const remaining = headers[name.replace('reset', 'remaining')];
    if (remaining === undefined) unknown.push(waitMs);
    else if (countAt({ remaining: Number(remaining) }, 'remaining') === 0) usedUp.push(waitMs);
  }
  if (usedUp.length > 0) return Math.max(...usedUp);
  return unknown.length > 0 ? Math.min(...unknown) : undefined;
}
