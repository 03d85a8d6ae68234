import type { FastifyInstance } from 'fastify';
import { listAttempts, spendByDay } from '#db';
import type { AdminResources } from '../resources.ts';
import { encodeCursor } from './cursor.ts';
import { dailyView } from './daily-view.ts';
import { readSpendQuery } from './spend-query.ts';
import { spendRowView } from './spend-row-view.ts';

/**
 * `GET /spend/logs`, a list as LiteLLM answers it. An answer that holds as many rows as were asked for names the place to
 * go on from in `x-headrace-next-cursor`.
 */
export function registerSpendRoutes(app: FastifyInstance, { db }: AdminResources): void {
  app.get('/spend/logs', async (request, reply) => {
    const { filter, daily, limit, after } = readSpendQuery(request.query, request.caller);
    if (daily) return dailyView(await spendByDay(db, filter));
    const rows = await listAttempts(db, filter, { limit, after });
    const last = rows.length === limit ? rows.at(-1) : undefined;
    if (last) void reply.header('x-headrace-next-cursor', encodeCursor(last));
    return rows.map(spendRowView);
  });
}
