import { and, eq, inArray, isNull, or, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';

/** Keys that belong to one of these. */
export interface KeyOwners {
  readonly teamIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly organizationIds?: readonly string[] | undefined;
  /** Keys that a user has in one team. */
  readonly members?: readonly { readonly teamId: string; readonly userId: string }[] | undefined;
}

/** Deletes them all, as `deleteVirtualKeys`; resolves with their hashes, which are to be published. */
export async function deleteKeysOf(inside: Database, owners: KeyOwners, options: { readonly by: string }): Promise<string[]> {
  const { teamIds = [], userIds = [], organizationIds = [], members = [] } = owners;
  const { teamId, userId, organizationId } = virtualKeys;
  const owned = or(
    teamIds.length === 0 ? undefined : inArray(teamId, [...teamIds]),
    userIds.length === 0 ? undefined : inArray(userId, [...userIds]),
    organizationIds.length === 0 ? undefined : inArray(organizationId, [...organizationIds]),
    ...members.map((member) => and(eq(teamId, member.teamId), eq(userId, member.userId))),
  );
  if (owned === undefined) return [];
  const live = and(isNull(virtualKeys.deletedAt), owned);
  // locked in the order in which `deleteVirtualKeys` does it
  const { hash } = virtualKeys;
  const found = await inside.orm.select({ hash }).from(virtualKeys).where(live).orderBy(hash).for('update');
  const hashes = found.map((row) => row.hash);
  await inside.orm
    .update(virtualKeys)
    .set({ deletedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: options.by, revision: sql`${virtualKeys.revision} + 1` })
    .where(inArray(hash, hashes));
  return hashes;
}
