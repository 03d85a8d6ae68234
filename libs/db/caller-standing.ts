import { sql } from './drizzle.ts';
import type { Database } from './pool.ts';

export const USER_ROLES = ['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer'] as const;
/** What a user may do in the management API. */
export type UserRole = (typeof USER_ROLES)[number];

/** Where a user belongs, as its callers' rights need it. */
export interface StoredStanding {
  readonly role: UserRole | undefined;
  readonly teams: readonly {
    readonly teamId: string;
    readonly organizationId: string | undefined;
    readonly role: string | undefined;
    /** `team_member_permissions` of the team. */
    readonly permissions: readonly string[];
  }[];
  readonly organizations: readonly { readonly organizationId: string; readonly role: string | undefined }[];
}

type Row = {
  readonly kind: 'user' | 'member' | 'organization';
  readonly id: string;
  readonly role: string | null;
  readonly organization_id: string | null;
  readonly permissions: unknown;
};

/** Undefined for a user that is not known here, was deleted or is blocked. Deleted teams give no rights. */
export async function findStanding(db: Database, userId: string): Promise<StoredStanding | undefined> {
  const { rows } = await db.orm.execute<Row>(sql`
    select 'user' as kind, id, role, organization_id, null::jsonb as permissions
    from scopes where kind = 'user' and id = ${userId} and deleted_at is null and not blocked
    union all
    select 'member', team.id, place.role, team.organization_id, team.details -> 'team_member_permissions'
    from scopes as place join scopes as team on team.kind = 'team' and team.id = place.team_id and team.deleted_at is null
    where place.kind = 'member' and place.user_id = ${userId} and place.deleted_at is null
    union all
    select 'organization', organization.id, place.role, null, null
    from organization_members as place
    join scopes as organization on organization.kind = 'organization' and organization.id = place.organization_id
    where place.user_id = ${userId} and organization.deleted_at is null`);
  const user = rows.find((row) => row.kind === 'user');
  if (user === undefined) return undefined;
  return {
    role: USER_ROLES.find((role) => role === user.role),
    teams: rows.filter((row) => row.kind === 'member').map(toTeam),
    organizations: rows
      .filter((row) => row.kind === 'organization')
      .map((row) => ({ organizationId: row.id, role: row.role ?? undefined })),
  };
}

function toTeam(row: Row) {
  const permissions = Array.isArray(row.permissions) ? row.permissions.filter((one) => typeof one === 'string') : [];
  return { teamId: row.id, organizationId: row.organization_id ?? undefined, role: row.role ?? undefined, permissions };
}
