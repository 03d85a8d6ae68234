/**
 * What a provider says of the quota that is left, as a pause before the next call: until the reset when nothing is left, else so long
 * that the rest lasts until the reset once less than a tenth is left.
 *
 * OpenAI and many after it: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset as `1s`, `6m0s`, `20ms` or seconds
 * (https://platform.openai.com/docs/guides/rate-limits). Anthropic: `anthropic-ratelimit-{requests,tokens,…}-{limit,remaining,reset}`, the
 * reset as RFC 3339 (https://docs.anthropic.com/en/api/rate-limits).
 */
export function quotaPauseMs(headers: Readonly<Record<string, string>>, now: number): number {
  let pauseMs = 0;
  for (const kind of KINDS) {
    pauseMs = Math.max(
      pauseMs,
      pauseOf(headers[`x-ratelimit-limit-${kind}`], headers[`x-ratelimit-remaining-${kind}`], headers[`x-ratelimit-reset-${kind}`], now),
      pauseOf(
        headers[`anthropic-ratelimit-${kind}-limit`],
        headers[`anthropic-ratelimit-${kind}-remaining`],
        headers[`anthropic-ratelimit-${kind}-reset`],
        now,
      ),
    );
  }
  return pauseMs;
}

const KINDS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;
/** A provider whose clock or units we misread must not stop a deployment for longer. */
const LONGEST_PAUSE_MS = 60_000;
const SCARCE_SHARE = 0.1;

function pauseOf(limit: string | undefined, remaining: string | undefined, reset: string | undefined, now: number): number {
  if (remaining === undefined || reset === undefined) return 0;
  const left = Number(remaining);
  const most = Number(limit ?? '');
  const resetMs = Math.min(LONGEST_PAUSE_MS, untilReset(reset, now));
  if (!Number.isFinite(left) || !(resetMs > 0)) return 0;
  if (left <= 0) return resetMs;
  return most > 0 && left < most * SCARCE_SHARE ? resetMs / (left + 1) : 0;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; NaN for what nobody can read. */
function untilReset(text: string, now: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0);
  }
  return Date.parse(text) - now;
}
