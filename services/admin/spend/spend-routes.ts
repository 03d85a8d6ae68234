import type { FastifyInstance } from 'fastify';
import { type Database, type LedgerEntry, type LedgerPlace, listAttempts, type RowFilter, sumSpend } from '#db';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { registerCalculateRoute } from './calculate-route.ts';
import { type CsvRow, sendCsv, wantsCsv } from './csv-reply.ts';
import { encodeCursor } from './cursor.ts';
import { DAILY_GROUPS, dailyView } from './daily-view.ts';
import { registerPromptRoute } from './prompt-route.ts';
import { registerSessionsRoute } from './sessions-route.ts';
import { MAX_ROWS, readSpendQuery, type SpendRequest, spendQuerySchema } from './spend-query.ts';
import { SPEND_ROW_COLUMNS, spendRowCsv } from './spend-row-csv.ts';
import { spendRowView } from './spend-row-view.ts';
import { registerSpendPagesRoute } from './spend-pages-route.ts';

/**
 * `GET /spend/logs`, a list as LiteLLM answers it. An answer that holds as many rows as were asked for names the place to
 * go on from in `x-headrace-next-cursor`. CSV has all rows, however many.
 */
export function registerSpendRoutes(app: FastifyInstance, resources: AdminResources): void {
  const { db } = resources;
  const spec = {
    method: 'GET',
    url: '/spend/logs',
    summary: 'Rows of the ledger, newest first, or sums per day when dates are given',
    query: spendQuerySchema,
  } as const;
  defineRoute(app, spec, async (request, reply) => {
    const asked = readSpendQuery(request.query, request.caller);
    if (wantsCsv(request, asked.format)) return sendCsv(reply, csvRows(db, asked), { name: 'spend-logs', columns: SPEND_ROW_COLUMNS });
    if (asked.daily) return dailyView(await sumSpend(db, dailySums(asked)));
    const rows = await listAttempts(db, asked.filter, { limit: asked.limit, after: asked.after });
    const last = rows.length === asked.limit ? rows.at(-1) : undefined;
    if (last) void reply.header('x-headrace-next-cursor', encodeCursor(last));
    return rows.map(spendRowView);
  });
  registerSpendPagesRoute(app, resources);
  registerPromptRoute(app, resources);
  registerSessionsRoute(app, resources);
  registerCalculateRoute(app, resources);
}

function dailySums({ filter, range }: SpendRequest) {
  return { visible: filter.visible, filter, ...range, groups: DAILY_GROUPS };
}

const CSV_PAGE = 2_000;

async function* csvRows(db: Database, asked: SpendRequest): AsyncGenerator<CsvRow> {
  // a client that names no limit wants them all
  let left = asked.limit === MAX_ROWS ? Number.POSITIVE_INFINITY : asked.limit;
  for await (const rows of pages(db, asked.filter, asked.after)) {
    for (const row of rows.slice(0, left)) yield spendRowCsv(row);
    left -= rows.length;
    if (left <= 0) return;
  }
}

async function* pages(db: Database, filter: RowFilter, from: LedgerPlace | undefined): AsyncGenerator<readonly LedgerEntry[]> {
  let after = from;
  for (;;) {
    const rows = await listAttempts(db, filter, { limit: CSV_PAGE, after });
    yield rows;
    after = rows.at(-1);
    if (rows.length < CSV_PAGE) return;
  }
}
