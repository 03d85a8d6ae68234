import type { AlertEvent } from '#contracts';
import { and, desc, eq, inArray, isNotNull, sql } from './drizzle.ts';
import { dueNow } from './due-now.ts';
import type { Database } from './pool.ts';
import { alertDeliveries, alerts } from './schema/alerts.ts';

/** An alert on its way to one destination, taken by one process for a while. */
export interface DueDelivery {
  readonly event: AlertEvent;
  readonly destination: string;
  /** This one included. */
  readonly tries: number;
}

/** Writes down that something happened, and to whom it is to be told. Resolves with false when that was known already. */
export function recordAlert(db: Database, event: AlertEvent, destinations: readonly string[]): Promise<boolean> {
  return db.orm.transaction(async (tx) => {
    const row = { id: event.id, kind: event.kind, event, raisedAt: new Date(event.at) };
    const added = await tx.insert(alerts).values(row).onConflictDoNothing().returning({ id: alerts.id });
    if (added.length === 0) return false;
    const deliveries = destinations.map((destination) => ({ alertId: event.id, destination, nextAt: dueNow }));
    if (deliveries.length > 0) await tx.insert(alertDeliveries).values(deliveries);
    return true;
  });
}

/** Those of the names that nothing was recorded under yet. */
export async function newAlertIds(db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const known = await db.orm
    .select({ id: alerts.id })
    .from(alerts)
    .where(inArray(alerts.id, [...ids]));
  return new Set(ids.filter((id) => !known.some((row) => row.id === id)));
}

/**
 * Takes deliveries that are due, the oldest first. Nobody else gets them for `leaseMs`: what is neither finished nor put off by then, because
 * the process has died, is due again.
 */
export async function takeDueDeliveries(
  db: Database,
  options: { readonly limit: number; readonly leaseMs: number },
): Promise<DueDelivery[]> {
  const { rows } = await db.orm.execute<{ event: AlertEvent; destination: string; tries: number }>(sql`
    with due as (
      select alert_id, destination from alert_deliveries where next_at <= now()
      order by next_at limit ${options.limit} for update skip locked
    ), taken as (
      update alert_deliveries as delivery set tries = tries + 1, next_at = now() + ${options.leaseMs} * interval '1 millisecond'
      from due where delivery.alert_id = due.alert_id and delivery.destination = due.destination
      returning delivery.alert_id, delivery.destination, delivery.tries
    )
    select alerts.event, taken.destination, taken.tries from taken join alerts on alerts.id = taken.alert_id`);
  return rows;
}

export type DeliveryResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'again'; readonly inMs: number; readonly error: string }
  | { readonly kind: 'given_up'; readonly error: string };

export async function finishDelivery(
  db: Database,
  { event, destination }: Pick<DueDelivery, 'event' | 'destination'>,
  result: DeliveryResult,
): Promise<void> {
  const nextAt = result.kind === 'again' ? sql`now() + ${result.inMs} * interval '1 millisecond'` : sql`null`;
  await db.orm
    .update(alertDeliveries)
    .set({
      nextAt,
      deliveredAt: result.kind === 'delivered' ? sql`now()` : null,
      givenUpAt: result.kind === 'given_up' ? sql`now()` : null,
      lastError: result.kind === 'delivered' ? null : result.error,
    })
    .where(sql`${eq(alertDeliveries.alertId, event.id)} and ${eq(alertDeliveries.destination, destination)}`);
}

/** Makes the deliveries of an alert that were given up due again. Resolves with how many. */
export async function redeliverAlert(db: Database, id: string): Promise<number> {
  const due = await db.orm
    .update(alertDeliveries)
    .set({ nextAt: dueNow, givenUpAt: null })
    .where(and(eq(alertDeliveries.alertId, id), isNotNull(alertDeliveries.givenUpAt)))
    .returning({ destination: alertDeliveries.destination });
  return due.length;
}

export interface RecordedAlert {
  readonly event: AlertEvent;
  readonly deliveries: readonly {
    readonly destination: string;
    readonly tries: number;
    readonly deliveredAt: string | null;
    readonly givenUpAt: string | null;
    readonly error: string | null;
  }[];
}

/** The newest first. */
export async function listAlerts(db: Database, options: { readonly limit: number }): Promise<RecordedAlert[]> {
  const found = await db.orm
    .select({ id: alerts.id, event: alerts.event })
    .from(alerts)
    .orderBy(desc(alerts.raisedAt), desc(alerts.id))
    .limit(options.limit);
  const { rows } = await db.orm.execute<RecordedAlert['deliveries'][number] & { alertId: string }>(sql`
    select alert_id as "alertId", destination, tries, delivered_at::text as "deliveredAt", given_up_at::text as "givenUpAt", last_error as error
    from alert_deliveries where alert_id = any(${sql.param(found.map(({ id }) => id))}::text[]) order by destination`);
  return found.map(({ id, event }) => ({
    event,
    deliveries: rows.filter(({ alertId }) => alertId === id).map(({ alertId: _alertId, ...delivery }) => delivery),
  }));
}

/** Forgets alerts that were raised before then. */
export async function dropAlerts(db: Database, options: { readonly before: Date }): Promise<void> {
  await db.orm.execute(sql`delete from alerts where raised_at < ${options.before.toISOString()}::timestamptz`);
}
