import { type Scope, scopeName } from '#contracts';
import { and, asc, eq, isNull, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { scopes } from './schema/scopes.ts';
import { type StoredScope, toScope } from './scopes.ts';

/** As `publishVirtualKey`, of a team, user and so on: `send` is given the row, or `undefined` for one that was deleted or never was. */
export async function publishScope(db: Database, scope: Scope, send: (stored: StoredScope | undefined) => Promise<void>): Promise<void> {
  const one = and(eq(scopes.kind, scope.kind), eq(scopes.id, scope.id));
  await db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${scopeName(scope)}, 0))`);
    const [row] = await tx.select().from(scopes).where(one);
    await send(row?.deletedAt === null ? toScope(row) : undefined);
    // the revision that was sent, not the newest: a change made meanwhile keeps its place in the outbox
    if (row) await tx.update(scopes).set({ publishedRevision: row.revision }).where(one);
  });
}

/** Those whose last change was not published yet, in their order, from after one. */
export async function unpublishedScopes(
  db: Database,
  options: { readonly limit: number; readonly after?: Scope | undefined },
): Promise<Scope[]> {
  const { kind, id } = options.after ?? { kind: '', id: '' };
  const rows = await db.orm
    .select()
    .from(scopes)
    .where(sql`${scopes.revision} <> ${scopes.publishedRevision} and (${scopes.kind}, ${scopes.id}) > (${kind}, ${id})`)
    .orderBy(asc(scopes.kind), asc(scopes.id))
    .limit(options.limit);
  return rows.map(toScope);
}

/** Puts everything that is not deleted back into the outbox, for a bucket that was lost. */
export async function unpublishAllScopes(db: Database): Promise<void> {
  await db.orm.update(scopes).set({ publishedRevision: 0 }).where(isNull(scopes.deletedAt));
}
