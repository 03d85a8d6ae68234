import { and, asc, count, desc, eq, gte, lt, type SQL } from './drizzle.ts';
import type { Database } from './pool.ts';
import { auditLog } from './schema/audit-log.ts';

export type AuditEntry = Readonly<typeof auditLog.$inferSelect>;
export type NewAuditEntry = Readonly<Omit<typeof auditLog.$inferInsert, 'id'>>;

/** Within `transact` it is written exactly when the change is. */
export async function addAuditEntries(db: Database, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length > 0) await db.orm.insert(auditLog).values([...entries]);
}

export interface AuditFilter {
  readonly changedBy?: string | undefined;
  readonly changedByKey?: string | undefined;
  readonly action?: string | undefined;
  readonly tableName?: string | undefined;
  readonly objectId?: string | undefined;
  /** From (included) and until (not included). */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Entries that match, on all pages. */
  readonly total: number;
}

/** By time, newest first unless asked otherwise. `page` counts from 1. */
export async function listAuditEntries(
  db: Database,
  filter: AuditFilter,
  options: { readonly page: number; readonly size: number; readonly oldestFirst: boolean },
): Promise<AuditPage> {
  const where = matching(filter);
  const order = options.oldestFirst ? asc : desc;
  const entries = await db.orm
    .select()
    .from(auditLog)
    .where(where)
    .orderBy(order(auditLog.at), order(auditLog.id))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const [counted] = await db.orm.select({ total: count() }).from(auditLog).where(where);
  return { entries, total: counted?.total ?? 0 };
}

export async function findAuditEntry(db: Database, id: string): Promise<AuditEntry | undefined> {
  const [entry] = await db.orm.select().from(auditLog).where(eq(auditLog.id, id));
  return entry;
}

const COLUMNS = {
  changedBy: auditLog.changedBy,
  changedByKey: auditLog.changedByKey,
  action: auditLog.action,
  tableName: auditLog.tableName,
  objectId: auditLog.objectId,
} as const;

function matching(filter: AuditFilter): SQL | undefined {
  const named = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map((field) => {
    const value = filter[field];
    return value === undefined ? undefined : eq(COLUMNS[field], value);
  });
  return and(
    ...named,
    filter.from === undefined ? undefined : gte(auditLog.at, filter.from),
    filter.until === undefined ? undefined : lt(auditLog.at, filter.until),
  );
}
