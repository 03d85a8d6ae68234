import type { IncomingHttpHeaders } from 'node:http';
import { picoOf } from '#budgets';
import type { AccessSettings } from '#config';
import { GatewayError } from '#contracts';

/** Headers of the request that makes a batch which all its requests are sent with: who and what it is for, not how it is authenticated. */
const PASSED =
  /^(?:x-litellm-(?!api-key|timeout)|x-headrace-(?!max-spend|completion|deadline|resumable)|anthropic-(?:version|beta)$|x-claude-code-)/;
const TAGS_HEADER = 'x-litellm-tags';
const LONGEST_VALUE = 1_024;
export const MAX_SPEND_HEADER = 'x-headrace-max-spend-usd';
export const WINDOW_HEADER = 'x-headrace-completion-window';

/** Also those that the configuration names for users. Throws `invalid_request` for tags where it takes none from clients. */
export function lineHeaders(headers: IncomingHttpHeaders, access?: AccessSettings): Record<string, string> {
  if (access?.refusesClientTags === true && headers[TAGS_HEADER] !== undefined) {
    throw new GatewayError('invalid_request', `Tags of clients are not allowed here: leave out '${TAGS_HEADER}'.`, { param: TAGS_HEADER });
  }
  const users = new Set([...(access?.endUserHeaders ?? []), access?.userHeader]);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && value.length <= LONGEST_VALUE && (PASSED.test(name) || users.has(name)) ? [[name, value] as const] : [],
    ),
  );
}

/** What a batch may cost, as decimal text in US dollars; null for no limit. Throws `invalid_request`. */
export function readMaxSpend(text: string | readonly string[] | undefined, name: string): string | null {
  if (text === undefined || text === '') return null;
  try {
    const usd = String(text);
    if (picoOf(usd) > 0n) return usd;
  } catch {
    // said below
  }
  throw new GatewayError('invalid_request', `${name} must be an amount in US dollars above 0, such as 2.50.`, { param: name });
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const LONGEST_MS = 24 * UNIT_MS.h;

/** `24h`, and shorter: `90m`, `600s`. Milliseconds. Throws `invalid_request`. */
export function readWindow(text: string, name: string): number {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = unit === 's' || unit === 'm' || unit === 'h' ? Number(count) * UNIT_MS[unit] : 0;
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new GatewayError('invalid_request', `${name} must be 24h, or shorter, such as 2h, 90m or 600s.`, { param: name });
}
