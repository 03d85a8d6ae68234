import { asc, eq, isNull, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';
import type { VirtualKey } from './virtual-keys.ts';

/**
 * Brings one key's present state to a place outside the database: `send` is given the row, that of a deleted key too, or `undefined` for one
 * that never was. One sender per key at a time in the whole deployment, by an advisory lock: of two admins that change a key at once, the one
 * that sends last has read last. Rejects with what `send` rejected with; the key then stays in the outbox.
 */
export async function publishVirtualKey(db: Database, hash: string, send: (key: VirtualKey | undefined) => Promise<void>): Promise<void> {
  await db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`);
    const [key] = await tx.select().from(virtualKeys).where(eq(virtualKeys.hash, hash));
    await send(key);
    if (key === undefined) return;
    // the revision that was sent, not the newest: a change made meanwhile keeps its place in the outbox
    await tx.update(virtualKeys).set({ publishedRevision: key.revision }).where(eq(virtualKeys.hash, hash));
    if (key.retiredSecrets.length === 0) return;
    const left = sql`array(select unnest(${virtualKeys.retiredSecrets}) except select unnest(${sql.param(key.retiredSecrets)}::text[]))`;
    await tx.update(virtualKeys).set({ retiredSecrets: left }).where(eq(virtualKeys.hash, hash));
  });
}

/** Hashes of keys whose last change was not published yet, in their order, from after a hash. */
export async function unpublishedKeys(db: Database, options: { readonly limit: number; readonly after: string }): Promise<string[]> {
  const rows = await db.orm
    .select({ hash: virtualKeys.hash })
    .from(virtualKeys)
    .where(sql`${virtualKeys.revision} <> ${virtualKeys.publishedRevision} and ${virtualKeys.hash} > ${options.after}`)
    .orderBy(asc(virtualKeys.hash))
    .limit(options.limit);
  return rows.map((row) => row.hash);
}

/** Puts every live key back into the outbox, for a bucket that was lost. Resolves with how many there are. */
export async function unpublishAllKeys(db: Database): Promise<number> {
  const rows = await db.orm.update(virtualKeys).set({ publishedRevision: 0 }).where(isNull(virtualKeys.deletedAt));
  return rows.rowCount ?? 0;
}
