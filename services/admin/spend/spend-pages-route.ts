import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listAttempts, MOST_COUNTED, pageOfAttempts, ROW_ORDERS } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { encodeCursor } from './cursor.ts';
import { readDateRange } from './date-range.ts';
import { countField } from './query-fields.ts';
import { placeOf, rowFields, rowFilter } from './spend-query.ts';
import { spendRowView } from './spend-row-view.ts';

/** Beyond it pages are read by `cursor`, which takes the same time on every page. */
const MAX_PAGE = 10_000;

const { format: _format, ...pageFields } = rowFields;
const pagesSchema = z.object({
  ...pageFields,
  page: countField(MAX_PAGE, 1),
  page_size: countField(1_000, 50),
  sort_by: z.enum(ROW_ORDERS, { error: `give one of ${ROW_ORDERS.join(', ')}` }).default('startTime'),
  sort_order: z.enum(['asc', 'desc'], { error: 'give asc or desc' }).default('desc'),
  cursor: z.string().optional(),
});

/**
 * `GET /spend/logs/v2`: numbered pages in LiteLLM's shape. Each answer in the order of time also names the next page's `cursor`. `total` stops at
 * 50,000, where counting would take longer than reading; `total_is_at_least` says so.
 */
export function registerSpendPagesRoute(app: FastifyInstance, { db }: AdminResources): void {
  const spec = { method: 'GET', url: '/spend/logs/v2', summary: 'Rows of the ledger in pages, by any filter', query: pagesSchema } as const;
  defineRoute(app, spec, async (request) => {
    const asked = parseInput(request.query, { schema: pagesSchema, place: 'query' });
    const filter = rowFilter(asked, readDateRange(asked), request.caller);
    const after = placeOf(asked.cursor);
    const size = asked.page_size;
    if (after !== undefined) {
      const rows = await listAttempts(db, filter, { limit: size, after });
      return { data: rows.map(spendRowView), page_size: size, next_cursor: cursorOf(rows, size) };
    }
    const order = { order: asked.sort_by, ascending: asked.sort_order === 'asc' };
    const { rows, total } = await pageOfAttempts(db, filter, { page: asked.page, size, ...order });
    const followsTime = order.order === 'startTime' && !order.ascending;
    return {
      data: rows.map(spendRowView),
      total,
      total_is_at_least: total === MOST_COUNTED,
      page: asked.page,
      page_size: size,
      total_pages: Math.ceil(total / size),
      next_cursor: followsTime ? cursorOf(rows, size) : null,
    };
  });
}

function cursorOf(rows: readonly Parameters<typeof encodeCursor>[0][], size: number): string | null {
  const last = rows.length === size ? rows.at(-1) : undefined;
  return last === undefined ? null : encodeCursor(last);
}
