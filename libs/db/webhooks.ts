import { and, desc, eq, lt, sql } from './drizzle.ts';
import { dueNow } from './due-now.ts';
import type { Database } from './pool.ts';
import { webhookDeliveries, webhookEndpoints } from './schema/webhooks.ts';

export type StoredWebhook = typeof webhookEndpoints.$inferSelect;
export type NewWebhook = typeof webhookEndpoints.$inferInsert;
/** What is not there stays. */
export type WebhookChange = { readonly [Field in 'url' | 'events' | 'description' | 'disabled']?: NewWebhook[Field] | undefined };

export interface WebhookEvent {
  /** The same happening has the same. */
  readonly id: string;
  readonly type: string;
  /** SHA-256 of the key it is about. */
  readonly owner: string;
  readonly payload: string;
}

export async function createWebhook(db: Database, webhook: NewWebhook): Promise<StoredWebhook | undefined> {
  return (await db.orm.insert(webhookEndpoints).values(webhook).returning())[0];
}

/** The newest first; `owner` narrows to those of one key. */
export function listWebhooks(db: Database, { owner }: { readonly owner?: string | undefined }): Promise<StoredWebhook[]> {
  const mine = owner === undefined ? undefined : eq(webhookEndpoints.owner, owner);
  return db.orm.select().from(webhookEndpoints).where(mine).orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id));
}

export async function findWebhook(db: Database, id: string): Promise<StoredWebhook | undefined> {
  return (await db.orm.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id)))[0];
}

export async function changeWebhook(db: Database, id: string, change: WebhookChange): Promise<StoredWebhook | undefined> {
  return (await db.orm.update(webhookEndpoints).set(given(change)).where(eq(webhookEndpoints.id, id)).returning())[0];
}

function given(change: WebhookChange): Partial<NewWebhook> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

export async function deleteWebhook(db: Database, id: string): Promise<void> {
  await db.orm.delete(webhookEndpoints).where(eq(webhookEndpoints.id, id));
}

/** Writes down whom an event is to be told; again changes nothing. Resolves with how many deliveries are new. */
export async function recordWebhookEvent(db: Database, { id, type, owner, payload }: WebhookEvent): Promise<number> {
  const { rowCount } = await db.orm.execute(sql`
    insert into webhook_deliveries (id, endpoint_id, event_id, type, payload, next_at)
    select 'wd_' || replace(gen_random_uuid()::text, '-', ''), endpoint.id, ${id}, ${type}, ${payload}, ${dueNow}
    from webhook_endpoints as endpoint
    where not endpoint.disabled and (endpoint.owner is null or endpoint.owner = ${owner})
      and endpoint.events @> ${JSON.stringify([type])}::jsonb
    on conflict (endpoint_id, event_id) do nothing`);
  return rowCount ?? 0;
}

export interface EndedBatch {
  readonly id: string;
  readonly owner: string;
  readonly state: string;
  readonly endedAt: Date;
}

/** Batches that ended lately, after somebody asked to be told, and that nothing was written down for. */
export async function untoldBatches(db: Database, options: { readonly since: Date; readonly limit: number }): Promise<EndedBatch[]> {
  const { rows } = await db.orm.execute<{ id: string; owner: string; state: string; endedMs: string }>(sql`
    select distinct batch.id, batch.owner, batch.state, extract(epoch from batch.ended_at) * 1000 as "endedMs"
    from batches as batch join webhook_endpoints as endpoint
      on not endpoint.disabled and (endpoint.owner is null or endpoint.owner = batch.owner)
      and endpoint.events @> jsonb_build_array('batch.' || batch.state) and endpoint.created_at <= batch.ended_at
    where batch.ended_at > ${options.since.toISOString()}::timestamptz and not exists (
      select from webhook_deliveries as delivery
      where delivery.endpoint_id = endpoint.id and delivery.event_id = 'evt_' || batch.id || '_' || batch.state
    ) limit ${options.limit}`);
  return rows.map(({ endedMs, ...batch }) => ({ ...batch, endedAt: new Date(Number(endedMs)) }));
}

/** A delivery taken by one process for a while, with where it goes. */
export interface DueWebhook {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  /** This one included. */
  readonly tries: number;
  /** Unix milliseconds. */
  readonly triedSince: number;
  readonly endpointId: string;
  readonly url: string;
  /** Sealed. */
  readonly secret: string;
}

/** As `takeDueDeliveries`. What goes to an endpoint that was switched off waits. */
export async function takeDueWebhooks(db: Database, options: { readonly limit: number; readonly leaseMs: number }): Promise<DueWebhook[]> {
  const { rows } = await db.orm.execute<Omit<DueWebhook, 'triedSince'> & { triedSince: string }>(sql`
    with due as (
      select delivery.id, endpoint.url, endpoint.secret
      from webhook_deliveries as delivery join webhook_endpoints as endpoint on endpoint.id = delivery.endpoint_id
      where delivery.next_at <= now() and not endpoint.disabled
      order by delivery.next_at limit ${options.limit} for update of delivery skip locked
    )
    update webhook_deliveries as delivery set tries = tries + 1, next_at = now() + ${options.leaseMs} * interval '1 millisecond'
    from due where delivery.id = due.id
    returning delivery.id, delivery.event_id as "eventId", delivery.type, delivery.payload, delivery.tries,
      extract(epoch from delivery.tried_since) * 1000 as "triedSince", delivery.endpoint_id as "endpointId", due.url, due.secret`);
  return rows.map((row) => ({ ...row, triedSince: Number(row.triedSince) }));
}

/** What became of a try: no error is an arrival, no pause means that it is given up. */
export async function finishWebhook(
  db: Database,
  id: string,
  { error, againInMs }: { readonly error?: string | undefined; readonly againInMs?: number | undefined },
): Promise<void> {
  const isOver = error === undefined || againInMs === undefined;
  await db.orm
    .update(webhookDeliveries)
    .set({
      nextAt: isOver ? null : sql`now() + ${againInMs} * interval '1 millisecond'`,
      deliveredAt: error === undefined ? sql`now()` : null,
      givenUpAt: error !== undefined && isOver ? sql`now()` : null,
      lastError: error ?? null,
    })
    .where(eq(webhookDeliveries.id, id));
}

export type WebhookDelivery = typeof webhookDeliveries.$inferSelect & { readonly owner: string | null };

export interface DeliveryFilter {
  readonly owner?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listWebhookDeliveries(db: Database, { owner, endpointId, limit }: DeliveryFilter): Promise<WebhookDelivery[]> {
  const found = await db.orm
    .select({ delivery: webhookDeliveries, owner: webhookEndpoints.owner })
    .from(webhookDeliveries)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.endpointId))
    .where(
      and(
        owner === undefined ? undefined : eq(webhookEndpoints.owner, owner),
        endpointId === undefined ? undefined : eq(webhookEndpoints.id, endpointId),
      ),
    )
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(limit);
  return found.map(({ delivery, owner: whose }) => ({ ...delivery, owner: whose }));
}

/** Sends it again, whatever became of it; `owner` narrows to those of one key. False when there is none. */
export async function redeliverWebhook(db: Database, id: string, { owner }: { readonly owner?: string | undefined }): Promise<boolean> {
  const mine = owner === undefined ? sql`true` : sql`endpoint_id in (select id from webhook_endpoints where owner = ${owner})`;
  const due = await db.orm
    .update(webhookDeliveries)
    .set({ nextAt: dueNow, triedSince: sql`now()`, tries: 0, deliveredAt: null, givenUpAt: null })
    .where(and(eq(webhookDeliveries.id, id), mine))
    .returning({ id: webhookDeliveries.id });
  return due.length > 0;
}

/** Forgets deliveries that are over and were made before then. */
export async function dropWebhookDeliveries(db: Database, { before }: { readonly before: Date }): Promise<void> {
  await db.orm.delete(webhookDeliveries).where(and(lt(webhookDeliveries.createdAt, before), sql`${webhookDeliveries.nextAt} is null`));
}
