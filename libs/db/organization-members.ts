import { and, asc, eq, inArray, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { organizationMembers } from './schema/organization-members.ts';

export type OrganizationMember = Readonly<typeof organizationMembers.$inferSelect>;

type Place = Readonly<Pick<OrganizationMember, 'organizationId' | 'userId'>>;

/** Undefined for one that is a member already. */
export async function addOrganizationMember(
  inside: Database,
  member: Place & { readonly role: string },
): Promise<OrganizationMember | undefined> {
  const [added] = await inside.orm.insert(organizationMembers).values(member).onConflictDoNothing().returning();
  return added;
}

/** Undefined for one that is no member. */
export async function updateOrganizationMember(
  inside: Database,
  member: Place & { readonly role: string },
): Promise<OrganizationMember | undefined> {
  const [updated] = await inside.orm
    .update(organizationMembers)
    .set({ role: member.role, updatedAt: sql`now()` })
    .where(at(member))
    .returning();
  return updated;
}

export async function deleteOrganizationMember(inside: Database, member: Place): Promise<OrganizationMember | undefined> {
  const [deleted] = await inside.orm.delete(organizationMembers).where(at(member)).returning();
  return deleted;
}

/** All members of these organizations, or places of these users. An organization or user that is deleted leaves none behind. */
export async function deleteOrganizationMembers(inside: Database, of: MemberFilter): Promise<void> {
  await inside.orm.delete(organizationMembers).where(matching(of));
}

export interface MemberFilter {
  readonly organizationIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
}

export function findOrganizationMembers(db: Database, of: MemberFilter): Promise<OrganizationMember[]> {
  return db.orm
    .select()
    .from(organizationMembers)
    .where(matching(of))
    .orderBy(asc(organizationMembers.createdAt), asc(organizationMembers.userId));
}

function at({ organizationId, userId }: Place) {
  return and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId));
}

/** Everything that is asked for must match; nothing asked for matches nothing. */
function matching({ organizationIds, userIds }: MemberFilter) {
  if (organizationIds === undefined && userIds === undefined) return sql`false`;
  return and(
    organizationIds && inArray(organizationMembers.organizationId, [...organizationIds]),
    userIds && inArray(organizationMembers.userId, [...userIds]),
  );
}
