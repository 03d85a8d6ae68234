import { type Database, findStanding, type StoredStanding, type VirtualKey } from '#db';
import type { Role, Standing } from './caller.ts';

export const MASTER_STANDING: Standing = {
  roles: new Set<Role>(['proxy_admin']),
  userRole: 'proxy_admin',
  teams: [],
  organizationIds: [],
  memberOf: [],
};

const KEY_ALONE: Standing = { roles: new Set<Role>(['key_holder']), userRole: undefined, teams: [], organizationIds: [], memberOf: [] };

/** What a key's user stands for; a key without a user, or with one that nobody has made, stands for itself. */
export async function standingOf(key: Pick<VirtualKey, 'userId'>, db: Database): Promise<Standing> {
  const stored = key.userId === null ? undefined : await findStanding(db, key.userId);
  return stored === undefined ? KEY_ALONE : readStanding(stored);
}

/**
 * A viewer sees its teams and administers none, whatever its place in them: the role of the user is the upper bound, so that a viewer can
 * be made a member without becoming more.
 */
export function readStanding({ role, teams, organizations }: StoredStanding): Standing {
  const roles = new Set<Role>(['key_holder']);
  if (role !== undefined) roles.add(role);
  const isViewer = role === 'internal_user_viewer' || role === 'proxy_admin_viewer';
  const places = teams.map(({ teamId, organizationId, role: place, permissions }) => ({
    teamId,
    organizationId,
    isAdmin: place === 'admin' && !isViewer,
    permissions: isViewer ? [] : permissions,
  }));
  const administered = isViewer ? [] : organizations.filter((one) => one.role === 'org_admin' || one.role === 'admin');
  if (!isViewer && places.length > 0) roles.add('team_member');
  if (places.some((place) => place.isAdmin)) roles.add('team_admin');
  if (administered.length > 0) roles.add('org_admin');
  return {
    roles,
    userRole: role,
    teams: places,
    organizationIds: administered.map(({ organizationId }) => organizationId),
    memberOf: organizations.map(({ organizationId }) => organizationId),
  };
}
