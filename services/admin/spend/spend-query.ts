import { z } from 'zod';
import { GatewayError } from '#contracts';
import type { LedgerPlace, RowFilter } from '#db';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { decodeCursor } from './cursor.ts';
import { type DateRange, readDateRange } from './date-range.ts';
import { countField, formatField, nameField, rangeFields, toNameFilter, whoseFields } from './query-fields.ts';
import { requireOwnKeys, visibleSpend } from './visible-spend.ts';

/** Rows of one answer: what a client that knows nothing of pages gets, and what it may ask for. */
export const MAX_ROWS = 10_000;

const usdField = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,20})?$/, { error: 'give an amount in US dollars, such as 0.25' })
  .optional();

/** What rows can be narrowed by, beside whose they are. */
export const rowFields = {
  ...whoseFields,
  request_id: nameField,
  session_id: nameField,
  key_alias: nameField,
  model_id: nameField,
  status_filter: z.enum(['success', 'failure'], { error: 'give success or failure' }).optional(),
  error_code: nameField,
  error_message: nameField,
  min_spend: usdField,
  max_spend: usdField,
  ...rangeFields,
  format: formatField,
};

export const spendQuerySchema = z.object({
  ...rowFields,
  summarize: z.stringbool().default(true),
  limit: countField(MAX_ROWS, MAX_ROWS),
  cursor: z.string().optional(),
});

export interface SpendRequest {
  readonly filter: RowFilter;
  readonly range: DateRange;
  /** Sums per day instead of rows: what LiteLLM answers when dates are given, unless `summarize=false`. */
  readonly daily: boolean;
  readonly limit: number;
  readonly after: LedgerPlace | undefined;
  readonly format: 'json' | 'csv' | undefined;
}

/** Reads `GET /spend/logs`. */
export function readSpendQuery(query: unknown, caller: Caller): SpendRequest {
  const asked = parseInput(query, { schema: spendQuerySchema, place: 'query' });
  const range = readDateRange(asked);
  const dated = range.from !== undefined || range.until !== undefined;
  return {
    filter: rowFilter(asked, range, caller),
    range,
    daily: asked.summarize && dated && asked.cursor === undefined,
    limit: asked.limit,
    after: placeOf(asked.cursor),
    format: asked.format,
  };
}

type AskedRows = z.infer<z.ZodObject<typeof rowFields>>;

/** Narrowed to what the caller may see. */
export function rowFilter(asked: AskedRows, range: DateRange, caller: Caller): RowFilter {
  const names = toNameFilter(asked);
  requireOwnKeys(caller, names.keyHashes);
  return {
    ...names,
    visible: visibleSpend(caller),
    jobId: asked.request_id,
    sessionId: asked.session_id,
    keyAlias: asked.key_alias,
    deploymentId: asked.model_id,
    outcome: asked.status_filter,
    errorCode: asked.error_code,
    errorMessage: asked.error_message,
    minUsd: asked.min_spend,
    maxUsd: asked.max_spend,
    from: range.from,
    until: range.until,
  };
}

export function placeOf(cursor: string | undefined): LedgerPlace | undefined {
  if (cursor === undefined) return undefined;
  const place = decodeCursor(cursor);
  if (place !== undefined) return place;
  throw new GatewayError('invalid_request', 'cursor: hand back the x-headrace-next-cursor of the page before.', { param: 'cursor' });
}
