import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import { type AuditEntry, findAuditEntry, listAuditEntries } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';

const TAG = 'audit';
const MAX_PAGE_SIZE = 100;

const instant = z.coerce.date({ error: 'give a day (2025-01-31) or a time (2025-01-31T12:00:00Z)' });

const querySchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(10),
  changed_by: z.string().min(1).optional(),
  changed_by_api_key: z.string().min(1).optional(),
  action: z.string().min(1).optional(),
  table_name: z.string().min(1).optional(),
  object_id: z.string().min(1).optional(),
  start_date: instant.optional(),
  end_date: instant.optional(),
  sort_by: z.literal('updated_at', 'only updated_at is supported').optional(),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});

/** LiteLLM's routes for the audit log. */
export function registerAuditRoutes(app: FastifyInstance, { db }: AdminResources): void {
  defineRoute(
    app,
    { method: 'GET', url: '/audit', tag: TAG, summary: 'Who changed what, newest first', query: querySchema },
    async ({ query }) => {
      const asked = parseInput(query, { schema: querySchema, place: 'query' });
      const filter = {
        changedBy: asked.changed_by,
        changedByKey: asked.changed_by_api_key,
        action: asked.action,
        tableName: asked.table_name,
        objectId: asked.object_id,
        from: asked.start_date,
        until: asked.end_date,
      };
      const oldestFirst = asked.sort_order === 'asc';
      const { entries, total } = await listAuditEntries(db, filter, { page: asked.page, size: asked.page_size, oldestFirst });
      return {
        audit_logs: entries.map(auditView),
        total,
        page: asked.page,
        page_size: asked.page_size,
        total_pages: Math.ceil(total / asked.page_size),
      };
    },
  );
  defineRoute(app, { method: 'GET', url: '/audit/:id', tag: TAG, summary: 'One entry of the audit log' }, async ({ params }) => {
    const { id } = z.object({ id: z.string() }).parse(params);
    const entry = z.guid().safeParse(id).success ? await findAuditEntry(db, id) : undefined;
    if (entry === undefined) throw new GatewayError('route_not_found', 'There is no such entry.', { param: 'id' });
    return auditView(entry);
  });
}

/** As LiteLLM names the fields. */
function auditView({ id, at, changedBy, changedByKey, action, tableName, objectId, before, after }: AuditEntry) {
  return {
    id,
    updated_at: at.toISOString(),
    changed_by: changedBy,
    changed_by_api_key: changedByKey,
    action,
    table_name: tableName,
    object_id: objectId,
    before_value: before,
    updated_values: after,
  };
}
