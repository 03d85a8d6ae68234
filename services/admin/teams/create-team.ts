import { randomUUID } from 'node:crypto';
import { picoOf } from '#budgets';
import { GatewayError, type Scope } from '#contracts';
import { type Database, findScope, transact } from '#db';
import { administersOrganization, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { inTheirNames, limitsFrom, memberDefaults, TEAM_MEMBER_NAMES } from '../scopes/scope-limits.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { addScope, requireScope } from '../scopes/write-scope.ts';
import { type NewTeamInput, newTeamSchema, NOT_ENFORCED_TEAM_FIELDS } from './team-fields.ts';
import { requireGuardrailRights } from '../scopes/guardrail-fields.ts';
import { teamChange } from './team-change.ts';
import { addMembers } from './team-members.ts';
import { teamView } from './team-view.ts';

/** `POST /team/new`. Whoever makes a team without being an administrator of the gateway becomes its administrator. */
export async function createTeam(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: newTeamSchema, notEnforced: NOT_ENFORCED_TEAM_FIELDS, place: 'body' });
  const { team, added } = await transact(resources.db, async (inside) => {
    await checkRights(inside, caller, input);
    const writing = { inside, caller, resources };
    const change = teamChange(input);
    requireGuardrailRights(caller, {}, change.metadata);
    await checkMemberDefaults(change.details ?? {}, resources);
    const made = await addScope(writing, { kind: 'team', id: input.team_id ?? randomUUID(), ...change });
    return { team: made, added: await addMembers(writing, made, firstMembers(input, caller), {}) };
  });
  const members = added.map(({ member }) => member);
  const users = added.map(({ user }) => user);
  const newUsers: Scope[] = added.filter(({ isNewUser }) => isNewUser).map(({ user }) => user);
  await publishTouched({ scopes: [team, ...members, ...newUsers] }, resources);
  return teamView(team, { members, users }, { now: resources.now() });
}

/** Throws for what a team says of its members and makes no sense: they would be refused one by one later. */
export function checkMemberDefaults(details: Readonly<Record<string, unknown>>, resources: AdminResources): Promise<unknown> {
  return inTheirNames(TEAM_MEMBER_NAMES, async () => limitsFrom([memberDefaults(details)], null, resources));
}

async function checkRights(inside: Database, caller: Caller, { organization_id: organizationId, ...input }: NewTeamInput): Promise<void> {
  if (organizationId != null) {
    await requireScope(inside, { kind: 'organization', id: organizationId }, 'organization_id');
    if (!administersOrganization(caller, organizationId)) throw denied('You do not administer this organization.', 'organization_id');
  } else if (!isAdmin(caller)) await checkOwnMeans(inside, caller, input);
}

/** A user's own team may not have more than the user. */
async function checkOwnMeans(inside: Database, caller: Caller, input: Omit<NewTeamInput, 'organization_id'>): Promise<void> {
  const user = caller.userId === undefined ? undefined : await findScope(inside, { kind: 'user', id: caller.userId });
  if (user === undefined || caller.userRole !== 'internal_user')
    throw denied('Name an organization that you administer.', 'organization_id');
  const models = input.models ?? [];
  const allowed = user.models.length === 0 || (models.length > 0 && models.every((model) => user.models.includes(model)));
  if (!allowed) throw denied(`Take models from your own: ${user.models.join(', ')}.`, 'models');
  const most = user.fields['max_budget'];
  if (typeof most !== 'number' && typeof most !== 'string') return;
  if (input.max_budget == null || isMore(input.max_budget, most))
    throw denied(`Set a max_budget of ${most} US dollars at most, as your own is.`, 'max_budget');
}

function isMore(amount: number | string, most: number | string): boolean {
  try {
    return picoOf(String(amount)) > picoOf(String(most));
  } catch (error) {
    throw new GatewayError('invalid_request', 'max_budget: give an amount of US dollars, like 5 or 0.25.', {
      param: 'max_budget',
      cause: error,
    });
  }
}

type FirstMember = {
  readonly role: 'admin' | 'user';
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
};

/** Each once; the first word about one counts. */
function firstMembers(input: NewTeamInput, caller: Caller): FirstMember[] {
  const named: FirstMember[] = [
    ...(isAdmin(caller) || caller.userId === undefined ? [] : [{ role: 'admin' as const, user_id: caller.userId }]),
    ...(input.members_with_roles ?? []),
    ...(input.admins ?? []).map((id) => ({ role: 'admin' as const, user_id: id })),
    ...(input.members ?? []).map((id) => ({ role: 'user' as const, user_id: id })),
  ];
  return named.filter(({ user_id: id }, index) => id == null || named.findIndex((one) => one.user_id === id) === index);
}
