import { GatewayError, type Scope } from '#contracts';
import { type Database, findScopes, type StoredScope, transact } from '#db';
import { administersTeam, type Caller, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { deleteOwnedKeys } from '../scopes/delete-owned-keys.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { lockScope } from '../scopes/write-scope.ts';
import { userView } from '../users/user-view.ts';
import { shownTeam } from './change-team.ts';
import { bulkMemberAddSchema, memberAddSchema, memberDeleteSchema, memberUpdateSchema } from './team-fields.ts';
import { type AddedMember, addMembers, changeMember, lockMember } from './team-members.ts';
import { membershipView } from './team-view.ts';

/** `POST /team/member_add`: one or several, all or none. */
export async function addTeamMembers(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: teamId, member, ...limits } = parseInput(body, { schema: memberAddSchema, place: 'body' });
  const members = Array.isArray(member) ? member : [member];
  const { team, added } = await transact(resources.db, async (inside) => {
    const locked = await lockOwnTeam(inside, teamId, caller);
    return { team: locked, added: await addMembers({ inside, caller, resources }, locked, members, limits) };
  });
  await publishAdded(added, resources);
  return { ...(await shownTeam(team, resources)), ...addedView(added, resources) };
}

/** `POST /team/bulk_member_add`: those who are members already are left as they are. */
export async function addManyMembers(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: teamId, members, all_users: all, ...limits } = parseInput(body, { schema: bulkMemberAddSchema, place: 'body' });
  if ((members == null) === (all !== true)) throw new GatewayError('invalid_request', 'Give members, or all_users.', { param: 'members' });
  const { team, added, asked } = await transact(resources.db, async (inside) => {
    const locked = await lockOwnTeam(inside, teamId, caller);
    const users = members ?? (await findScopes(inside, { kind: 'user' })).map(({ id }) => ({ role: 'user' as const, user_id: id }));
    const there = await findScopes(inside, { kind: 'member', teamIds: [teamId] });
    const missing = users.filter(({ user_id: id }) => id == null || !there.some(({ userId }) => userId === id));
    return { team: locked, added: await addMembers({ inside, caller, resources }, locked, missing, limits), asked: users.length };
  });
  await publishAdded(added, resources);
  return {
    team_id: team.id,
    results: added.map(({ user }) => ({ user_id: user.id, user_email: user.email, success: true, error: null })),
    total_requested: asked,
    successful_additions: added.length,
    failed_additions: 0,
    updated_team: await shownTeam(team, resources),
  };
}

/** `POST /team/member_update`. */
export async function updateTeamMember(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: teamId, user_id: id, user_email: email, ...change } = parseInput(body, { schema: memberUpdateSchema, place: 'body' });
  const member = await transact(resources.db, async (inside) => {
    await lockOwnTeam(inside, teamId, caller);
    return changeMember({ inside, caller, resources }, await lockMember(inside, teamId, { id, email }), change);
  });
  await publishTouched({ scopes: [member] }, resources);
  const { fields } = member;
  return {
    team_id: teamId,
    user_id: member.userId,
    user_email: email ?? null,
    role: member.role,
    max_budget_in_team: fields['max_budget'] ?? null,
    budget_duration: fields['budget_duration'] ?? null,
    tpm_limit: fields['tpm_limit'] ?? null,
    rpm_limit: fields['rpm_limit'] ?? null,
    allowed_models: member.models,
  };
}

/** `POST /team/member_delete`. The member's keys for this team are deleted too: who is no member spends none of the team's money. */
export async function deleteTeamMember(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: teamId, user_id: id, user_email: email } = parseInput(body, { schema: memberDeleteSchema, place: 'body' });
  const { team, touched } = await transact(resources.db, async (inside) => {
    const locked = await lockOwnTeam(inside, teamId, caller);
    const member = await lockMember(inside, teamId, { id, email });
    const writing = { inside, caller, resources };
    const keys = member.userId === null ? [] : await deleteOwnedKeys(writing, { members: [{ teamId, userId: member.userId }] });
    return { team: locked, touched: { scopes: await dropScopes(writing, [member]), keys } };
  });
  await publishTouched(touched, resources);
  return { ...(await shownTeam(team, resources)), deleted_keys: touched.keys };
}

async function lockOwnTeam(inside: Database, id: string, caller: Caller): Promise<StoredScope> {
  const team = await lockScope(inside, { kind: 'team', id });
  if (!administersTeam(caller, id, team.organizationId)) throw denied('You do not administer this team.', 'team_id');
  return team;
}

function publishAdded(added: readonly AddedMember[], resources: AdminResources): Promise<void> {
  const scopes: Scope[] = added.flatMap(({ user, member, isNewUser }) => (isNewUser ? [member, user] : [member]));
  return publishTouched({ scopes }, resources);
}

function addedView(added: readonly AddedMember[], { now }: AdminResources) {
  return {
    updated_users: added.map(({ user }) => userView(user, { now: now() })),
    updated_team_memberships: added.map(({ member }) => membershipView(member, { now: now() })),
  };
}
