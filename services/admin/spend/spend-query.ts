import { z } from 'zod';
import { GatewayError } from '#contracts';
import type { LedgerPlace, SpendFilter } from '#db';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { toKeyHash } from '../keys/key-secret.ts';
import { decodeCursor } from './cursor.ts';
import { endOf, startOf } from './date-range.ts';

/** Rows of one answer: what a client that knows nothing of pages gets, and what it may ask for. */
export const MAX_ROWS = 10_000;

const querySchema = z.object({
  api_key: z.string().min(1).optional(),
  user_id: z.string().min(1).optional(),
  request_id: z.string().min(1).optional(),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  summarize: z.stringbool().default(true),
  limit: z.coerce
    .number({ error: `give a number from 1 to ${MAX_ROWS}` })
    .int()
    .min(1)
    .max(MAX_ROWS)
    .default(MAX_ROWS),
  cursor: z.string().optional(),
});

export interface SpendRequest {
  readonly filter: SpendFilter;
  /** Sums per day instead of rows: what LiteLLM answers when dates are given, unless `summarize=false`. */
  readonly daily: boolean;
  readonly limit: number;
  readonly after: LedgerPlace | undefined;
}

/** Reads `GET /spend/logs`. A virtual key's request is narrowed to its own rows. */
export function readSpendQuery(query: unknown, caller: Caller): SpendRequest {
  const asked = parseInput(query, { schema: querySchema, place: 'query' });
  const from = dateOf(asked.start_date, 'start_date', startOf);
  const until = dateOf(asked.end_date, 'end_date', endOf);
  if (from !== undefined && until !== undefined && from >= until) {
    throw new GatewayError('invalid_request', 'end_date is before start_date.', { param: 'end_date' });
  }
  return {
    filter: { keyHash: visibleKey(asked.api_key, caller), userId: asked.user_id, jobId: asked.request_id, from, until },
    daily: asked.summarize && (from !== undefined || until !== undefined) && asked.cursor === undefined,
    limit: asked.limit,
    after: placeOf(asked.cursor),
  };
}

function visibleKey(asked: string | undefined, caller: Caller): string | undefined {
  const hash = asked === undefined ? undefined : toKeyHash(asked);
  if (caller.kind === 'master') return hash;
  if (hash === undefined || hash === caller.key.hash) return caller.key.hash;
  throw new GatewayError('route_access_denied', 'A virtual key can see its own spend only.', { param: 'api_key' });
}

function dateOf(text: string | undefined, param: string, read: (text: string) => Date | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = read(text);
  if (date !== undefined) return date;
  throw new GatewayError('invalid_request', `${param}: give a day (2025-01-31) or a time (2025-01-31T12:00:00Z).`, { param });
}

function placeOf(cursor: string | undefined): LedgerPlace | undefined {
  if (cursor === undefined) return undefined;
  const place = decodeCursor(cursor);
  if (place !== undefined) return place;
  throw new GatewayError('invalid_request', 'cursor: hand back the x-headrace-next-cursor of the page before.', { param: 'cursor' });
}
