import { and, desc, eq, inArray, isNull, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { type BatchState, batches } from './schema/batches.ts';

export type { BatchError, BatchState, LineState } from './schema/batches.ts';
export type StoredBatch = Readonly<typeof batches.$inferSelect>;
export type NewBatch = Readonly<typeof batches.$inferInsert>;
export type BatchFormat = StoredBatch['format'];

export async function createBatch(db: Database, batch: NewBatch): Promise<StoredBatch> {
  const [row] = await db.orm.insert(batches).values(batch).returning();
  if (row === undefined) throw new Error('the database told nothing of the row it wrote');
  return row;
}

/** Whose they are (undefined: anybody's), and of which API. */
export interface BatchOwner {
  readonly owner: string | undefined;
  readonly format: BatchFormat;
}

export async function findBatch(db: Database, id: string, owner: BatchOwner): Promise<StoredBatch | undefined> {
  const [row] = await db.orm
    .select()
    .from(batches)
    .where(and(eq(batches.id, id), ownedBy(owner)));
  return row;
}

export interface BatchPage {
  readonly limit: number;
  /** The page has what was made before this one (`after`), or after it (`before`). */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** The newest first. */
export async function listBatches(db: Database, owner: BatchOwner, { limit, after, before }: BatchPage): Promise<StoredBatch[]> {
  const place = (id: string, sign: string): SQL =>
    sql`(${batches.createdAt}, ${batches.id}) ${sql.raw(sign)} (select created_at, id from batches where id = ${id})`;
  const where = and(
    ownedBy(owner),
    after === undefined ? undefined : place(after, '<'),
    before === undefined ? undefined : place(before, '>'),
  );
  if (before === undefined)
    return db.orm.select().from(batches).where(where).orderBy(desc(batches.createdAt), desc(batches.id)).limit(limit);
  const nearest = await db.orm.select().from(batches).where(where).orderBy(batches.createdAt, batches.id).limit(limit);
  return nearest.toReversed();
}

/** One that is over stays as it is. */
export async function cancelBatch(db: Database, id: string): Promise<StoredBatch | undefined> {
  await db.orm
    .update(batches)
    .set({ state: 'cancelling', cancellingAt: sql`now()` })
    .where(and(eq(batches.id, id), inArray(batches.state, ['validating', 'in_progress'])));
  const [row] = await db.orm.select().from(batches).where(eq(batches.id, id));
  return row;
}

/** One that is over, with all its requests; whether it was there. */
export async function deleteBatch(db: Database, id: string): Promise<boolean> {
  const gone = await db.orm
    .delete(batches)
    .where(and(eq(batches.id, id), sql`ended_at is not null`))
    .returning({ id: batches.id });
  return gone.length > 0;
}

export interface Runner {
  readonly name: string;
  readonly leaseMs: number;
}

/** Batches that nobody works on, the oldest first; nobody else gets them for `leaseMs`. */
export async function takeBatches(db: Database, { name, leaseMs }: Runner, limit: number): Promise<StoredBatch[]> {
  const open = sql`select id from batches where ended_at is null and (runner_until is null or runner_until < now())
    order by created_at limit ${limit} for update skip locked`;
  return db.orm
    .update(batches)
    .set({ runner: name, runnerUntil: sql`now() + ${leaseMs} * interval '1 millisecond'` })
    .where(sql`${batches.id} in (${open})`)
    .returning();
}

/** Undefined when another process has it by now, or it is deleted. */
export async function keepBatch(db: Database, { name, leaseMs }: Runner, id: string): Promise<StoredBatch | undefined> {
  const [row] = await db.orm
    .update(batches)
    .set({ runnerUntil: sql`now() + ${leaseMs} * interval '1 millisecond'` })
    .where(and(eq(batches.id, id), eq(batches.runner, name)))
    .returning();
  return row;
}

/** For the others at once, when this process stops. */
export async function leaveBatches(db: Database, name: string): Promise<void> {
  await db.orm
    .update(batches)
    .set({ runnerUntil: null })
    .where(and(eq(batches.runner, name), isNull(batches.endedAt)));
}

export interface BatchStep {
  readonly runner: string;
  readonly id: string;
  /** The states it may be in; in any other nothing happens. */
  readonly from: readonly BatchState[];
}

/** Undefined when it was in another state, or is another runner's. */
export async function stepBatch(
  db: Database,
  { runner, id, from }: BatchStep,
  change: Partial<NewBatch> & { readonly state: BatchState },
): Promise<StoredBatch | undefined> {
  const [row] = await db.orm
    .update(batches)
    .set({ ...change, ...STAMPS[change.state] })
    .where(and(eq(batches.id, id), eq(batches.runner, runner), inArray(batches.state, [...from])))
    .returning();
  return row;
}

const ENDED = { endedAt: sql`now()` };
const STAMPS: Readonly<Partial<Record<BatchState, Readonly<Record<string, SQL>>>>> = {
  in_progress: { startedAt: sql`now()` },
  finalizing: { finalizingAt: sql`now()` },
  failed: ENDED,
  completed: ENDED,
  expired: ENDED,
  cancelled: ENDED,
};

function ownedBy({ owner, format }: BatchOwner): SQL | undefined {
  return and(eq(batches.format, format), owner === undefined ? undefined : eq(batches.owner, owner));
}
