import { GatewayError } from '#contracts';
import { type Database, findScopes, holdScope, type KeySettings } from '#db';
import { administersOrganization, administersTeam, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { requireHeld } from '../scopes/write-scope.ts';
import { hasPermission } from './key-rights.ts';

export type KeyOwners = Pick<KeySettings, 'teamId' | 'userId' | 'organizationId'>;

/**
 * Throws unless the team and the organization exist, the team is one of the organization, and a user that is known here is a member of the
 * team (a user that is not known is just a name for spend); and unless the caller may give somebody a key for them.
 */
export async function checkOwners(inside: Database, caller: Caller, owners: KeyOwners): Promise<void> {
  const { teamId, userId, organizationId } = owners;
  if (organizationId !== null) await requireHeld(inside, { kind: 'organization', id: organizationId }, 'organization_id');
  const team = teamId === null ? undefined : await requireHeld(inside, { kind: 'team', id: teamId }, 'team_id');
  if (team !== undefined && organizationId !== null && team.organizationId !== organizationId) {
    const its = team.organizationId === null ? 'no organization' : `organization ${team.organizationId}`;
    throw new GatewayError('invalid_request', `organization_id: the team ${team.id} belongs to ${its}.`, { param: 'organization_id' });
  }
  if (team !== undefined && userId !== null) await checkMember(inside, team.id, userId);
  checkRights(caller, owners, team?.organizationId ?? null);
}

async function checkMember(inside: Database, teamId: string, userId: string): Promise<void> {
  const user = await holdScope(inside, { kind: 'user', id: userId });
  if (user === undefined) return;
  const places = await findScopes(inside, { kind: 'member', teamIds: [teamId], userIds: [userId] });
  if (places.length > 0) return;
  const message = `user_id: ${userId} is not a member of the team ${teamId}. Add the user with /team/member_add first.`;
  throw new GatewayError('invalid_request', message, { param: 'user_id' });
}

function checkRights(caller: Caller, { teamId, userId, organizationId }: KeyOwners, teamsOrganization: string | null): void {
  if (isAdmin(caller)) return;
  if (teamId !== null && administersTeam(caller, teamId, teamsOrganization)) return;
  if (organizationId !== null && administersOrganization(caller, organizationId)) return;
  if (userId === null || userId !== caller.userId) throw denied('You can make keys for yourself only.', 'user_id');
  if (organizationId !== null && !caller.memberOf.includes(organizationId)) {
    throw denied(`You do not belong to the organization ${organizationId}.`, 'organization_id');
  }
  if (teamId === null) {
    if (caller.userRole !== 'internal_user')
      throw denied('This takes the role internal_user, or a team_id of a team that lets its members make keys.', 'team_id');
    return;
  }
  if (!caller.teams.some((place) => place.teamId === teamId)) throw denied(`You are not a member of the team ${teamId}.`, 'team_id');
  if (!hasPermission(caller, teamId, '/key/generate')) {
    throw denied(
      `The team ${teamId} does not let its members make keys: /key/generate is not among its team_member_permissions.`,
      'team_id',
    );
  }
}
