import type { Scope } from '#contracts';
import { addOrganizationMember, type Database, lockScopes, type StoredScope, transact } from '#db';
import { administersOrganization, administersTeam, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { generateKey } from '../keys/generate-key.ts';
import type { AdminResources } from '../resources.ts';
import { saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { addScope, requireScope, scopeNotFound, type Writing } from '../scopes/write-scope.ts';
import { addMembers } from '../teams/team-members.ts';
import { newUserId } from './new-user-id.ts';
import { KEY_FIELDS, type NewUserInput, newUserSchema, NOT_ENFORCED_USER_FIELDS } from './user-fields.ts';
import { userView } from './user-view.ts';

/** `POST /user/new`: a user, its places in teams and organizations and, unless told not to, a key; all of it or nothing. */
export async function createUser(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: newUserSchema, notEnforced: NOT_ENFORCED_USER_FIELDS, place: 'body' });
  checkRights(caller, input);
  const made = await transact(resources.db, async (inside) => {
    const writing = { inside, caller, resources };
    const user = await addUser(writing, input);
    const members = await joinTeams(writing, user, input);
    const key = input.auto_create_key === false ? undefined : await firstKey(writing, user, input, resources);
    return { user, members, key };
  });
  const scopes: Scope[] = [made.user, ...made.members];
  await publishTouched({ scopes, keys: made.key === undefined ? [] : [made.key.token] }, resources);
  const teams = made.members.flatMap(({ teamId }) => teamId ?? []);
  return { ...NO_KEY, ...made.key, ...userView(made.user, { now: resources.now(), teams }) };
}

const NO_KEY = { key: '', token: null, expires: null };

/** Whoever administers an organization makes users for it, with no more rights than users have. */
function checkRights(caller: Caller, input: NewUserInput): void {
  if (isAdmin(caller)) return;
  if (input.user_role === 'proxy_admin' || input.user_role === 'proxy_admin_viewer') {
    throw denied('Only administrators of the gateway make users with this role.', 'user_role');
  }
  const organizations = input.organizations ?? [];
  if (organizations.length === 0) throw denied('Name an organization that you administer.', 'organizations');
  const foreign = organizations.findIndex((id) => !administersOrganization(caller, id));
  if (foreign >= 0) throw denied('You do not administer this organization.', `organizations[${foreign}]`);
}

async function addUser(writing: Writing, input: NewUserInput): Promise<StoredScope> {
  const { inside } = writing;
  const organizations = [...new Set(input.organizations ?? [])];
  for (const [index, id] of organizations.entries()) await requireScope(inside, { kind: 'organization', id }, `organizations[${index}]`);
  const user = await addScope(writing, {
    kind: 'user',
    id: input.user_id ?? newUserId(),
    alias: input.user_alias ?? null,
    email: input.user_email ?? null,
    role: input.user_role ?? 'internal_user',
    organizationId: organizations.length === 1 ? (organizations[0] ?? null) : null,
    models: input.models ?? [],
    metadata: input.metadata ?? {},
    blocked: input.blocked ?? false,
    fields: saidLimits(withoutNulls(input)),
    details: withoutNulls({ sso_user_id: input.sso_user_id }),
  });
  for (const organizationId of organizations)
    await addOrganizationMember(inside, { organizationId, userId: user.id, role: 'internal_user' });
  return user;
}

function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

async function joinTeams(writing: Writing, user: StoredScope, input: NewUserInput): Promise<StoredScope[]> {
  const members: StoredScope[] = [];
  for (const [index, place] of (input.teams ?? []).entries()) {
    const { team_id: id, user_role: role = 'user', max_budget_in_team: budget } = typeof place === 'string' ? { team_id: place } : place;
    const team = await lockTeam(writing.inside, id, `teams[${index}]`);
    if (!administersTeam(writing.caller, id, team.organizationId)) throw denied('You do not administer this team.', `teams[${index}]`);
    const added = await addMembers(writing, team, [{ user_id: user.id, role }], { max_budget_in_team: budget });
    members.push(...added.map(({ member }) => member));
  }
  return members;
}

async function lockTeam(inside: Database, id: string, param: string): Promise<StoredScope> {
  const [team] = await lockScopes(inside, { kind: 'team', ids: [id] });
  if (team === undefined) throw scopeNotFound({ kind: 'team', id }, param);
  return team;
}

/** Made in the same transaction; it is published once that has ended. */
function firstKey({ inside, caller }: Writing, user: StoredScope, input: NewUserInput, resources: AdminResources) {
  const fields = Object.fromEntries(KEY_FIELDS.flatMap((name) => (input[name] == null ? [] : [[name, input[name]]])));
  const later: AdminResources['keys'] = { ...resources.keys, publish: () => Promise.resolve(true) };
  return generateKey({ ...fields, user_id: user.id, models: input.models ?? [] }, caller, { ...resources, db: inside, keys: later });
}
