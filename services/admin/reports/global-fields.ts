import { z } from 'zod';
import type { FastifyRequest } from 'fastify';
import type { NameFilter, SumsQuery } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import { type DateRange, readDateRange } from '../spend/date-range.ts';
import { wantsCsv } from '../spend/csv-reply.ts';
import { countField, formatField, rangeFields, toNameFilter, whoseFields } from '../spend/query-fields.ts';
import { requireOwnKeys, visibleSpend } from '../spend/visible-spend.ts';

/** Query fields of the reports over all spend. */
export const globalSchema = z.object({ ...whoseFields, ...rangeFields, limit: countField(10_000, 1_000), format: formatField });

export interface GlobalRequest {
  /** What is summed, without how it is grouped. */
  readonly sums: Omit<SumsQuery, 'groups'>;
  readonly filter: NameFilter;
  readonly range: DateRange;
  readonly limit: number;
  readonly csv: boolean;
}

const DAY_MS = 86_400_000;

/** Without dates: the last `usualDays`, today included. */
export function readGlobalRequest(
  request: FastifyRequest,
  { now, usualDays }: { readonly now: () => Date; readonly usualDays: number },
): GlobalRequest {
  const asked = request.method === 'POST' ? askedInBody(request.body) : parseInput(request.query, { schema: globalSchema, place: 'query' });
  return toGlobalRequest(request, asked, { now, usualDays });
}

export function toGlobalRequest(
  request: FastifyRequest,
  asked: z.infer<typeof globalSchema>,
  { now, usualDays }: { readonly now: () => Date; readonly usualDays: number },
): GlobalRequest {
  const given = readDateRange(asked);
  const today = new Date(Math.floor(now().getTime() / DAY_MS) * DAY_MS);
  const isOpen = given.from === undefined && given.until === undefined;
  const range = isOpen ? { ...given, from: new Date(today.getTime() - (usualDays - 1) * DAY_MS) } : given;
  const filter = toNameFilter(asked);
  requireOwnKeys(request.caller, filter.keyHashes);
  return {
    sums: { visible: visibleSpend(request.caller), filter, ...range },
    filter,
    range,
    limit: asked.limit,
    csv: wantsCsv(request, asked.format),
  };
}

/** LiteLLM's body for the reports that it has as POST: null stands for "not set". */
export const globalBodySchema = z.object({
  api_key: z.string().min(1).nullish(),
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
});

function askedInBody(body: unknown): z.infer<typeof globalSchema> {
  const { api_key, startTime, endTime } = parseInput(body, { schema: globalBodySchema, place: 'body' });
  const set = Object.entries({ api_key, start_date: startTime, end_date: endTime }).filter(([, value]) => value != null);
  return globalSchema.parse(Object.fromEntries(set));
}
