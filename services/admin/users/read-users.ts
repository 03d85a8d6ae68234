import { type Database, findOrganizationMembers, findScope, findScopes, pageOfScopes, type ScopeFilter, type StoredScope } from '#db';
import { administeredTeams, type Caller, denied, seesAll } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { ownedKeys } from '../scopes/owned-keys.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { scopeNotFound } from '../scopes/write-scope.ts';
import { listUsersSchema, userInfoSchema } from './user-fields.ts';
import { userView } from './user-view.ts';

const KEYS_OF_USER = 100;

/** `GET /user/info?user_id=`: with keys and teams; the caller itself where nobody is named. */
export async function userInfo(query: unknown, caller: Caller, resources: AdminResources) {
  const { user_id: asked } = parseInput(query, { schema: userInfoSchema, place: 'query' });
  const { db, now } = resources;
  const id = asked ?? caller.userId;
  if (id === undefined) return { user_id: null, user_info: null, keys: [], teams: [] };
  const user = await visibleUser(id, caller, db);
  const teams = await teamsOf(id, db);
  const spend = await spendOf(db, 'user', [id]);
  return {
    user_id: id,
    user_info: user === undefined ? null : userView(user, { now: now(), spendUsd: spend.get(id), teams: teams.map((team) => team.id) }),
    keys: await ownedKeys(db, { userIds: [id] }, KEYS_OF_USER),
    teams: teams.map((team) => ({ team_id: team.id, team_alias: team.alias, models: team.models, blocked: team.blocked })),
  };
}

/** `GET /v2/user/info?user_id=`: the user alone. */
export async function userRow(query: unknown, caller: Caller, { db, now }: AdminResources) {
  const { user_id: asked } = parseInput(query, { schema: userInfoSchema, place: 'query' });
  const id = asked ?? caller.userId ?? '';
  const user = await visibleUser(id, caller, db);
  if (user === undefined) throw scopeNotFound({ kind: 'user', id });
  const spend = await spendOf(db, 'user', [id]);
  return userView(user, { now: now(), spendUsd: spend.get(id), teams: (await teamsOf(id, db)).map((team) => team.id) });
}

/** Undefined for the caller's own user where nobody has made a row of it: keys may name users that nothing is said about. */
async function visibleUser(id: string, caller: Caller, db: Database): Promise<StoredScope | undefined> {
  if (id !== caller.userId && !seesAll(caller) && !(await isInCare(id, caller, db))) throw denied('You can see yourself only.', 'user_id');
  const user = await findScope(db, { kind: 'user', id });
  if (user === undefined && id !== caller.userId) throw scopeNotFound({ kind: 'user', id });
  return user;
}

/** Whoever administers a team or an organization sees those who are in it. */
async function isInCare(userId: string, caller: Caller, db: Database): Promise<boolean> {
  const places = await findScopes(db, { kind: 'member', userIds: [userId], teamIds: administeredTeams(caller) });
  if (places.length > 0) return true;
  return (await findOrganizationMembers(db, { userIds: [userId], organizationIds: caller.organizationIds })).length > 0;
}

async function teamsOf(userId: string, db: Database): Promise<StoredScope[]> {
  const places = await findScopes(db, { kind: 'member', userIds: [userId] });
  return findScopes(db, { kind: 'team', ids: places.flatMap(({ teamId }) => teamId ?? []) });
}

const SORT_COLUMNS = { user_id: 'id', user_email: 'email', user_alias: 'alias', created_at: 'createdAt' } as const;

/** `GET /user/list`: everybody for those who read everything, the members of their organizations for who administers one. */
export async function listUsers(query: unknown, caller: Caller, resources: AdminResources) {
  const { db, now } = resources;
  const asked = parseInput(query, { schema: listUsersSchema, place: 'query' });
  const filter: ScopeFilter = {
    kind: 'user',
    ids: await wantedIds(asked, caller, db),
    roles: asked.role === undefined ? undefined : [asked.role],
    search: asked.search ?? asked.user_email,
  };
  const paging = { page: asked.page, size: asked.page_size, sortBy: SORT_COLUMNS[asked.sort_by], oldestFirst: asked.sort_order === 'asc' };
  const { scopes, total } = await pageOfScopes(db, filter, paging);
  const ids = scopes.map(({ id }) => id);
  const spend = await spendOf(db, 'user', ids);
  const places = ids.length === 0 ? [] : await findScopes(db, { kind: 'member', userIds: ids });
  const teams = (id: string) => places.filter(({ userId }) => userId === id).flatMap(({ teamId }) => teamId ?? []);
  return {
    users: scopes.map((user) => userView(user, { now: now(), spendUsd: spend.get(user.id), teams: teams(user.id) })),
    total,
    page: asked.page,
    page_size: asked.page_size,
    total_pages: Math.ceil(total / asked.page_size),
  };
}

async function wantedIds(asked: { user_ids?: string[] | undefined; team?: string | undefined }, caller: Caller, db: Database) {
  const lists: string[][] = [];
  if (asked.user_ids !== undefined) lists.push(asked.user_ids);
  if (asked.team !== undefined) {
    const members = await findScopes(db, { kind: 'member', teamIds: [asked.team] });
    lists.push(members.flatMap(({ userId }) => userId ?? []));
  }
  if (!seesAll(caller)) {
    const members = await findOrganizationMembers(db, { organizationIds: caller.organizationIds });
    lists.push(members.map(({ userId }) => userId));
  }
  const [first, ...others] = lists;
  return first?.filter((id) => others.every((list) => list.includes(id)));
}

/** `GET /user/available_users`: how many there may be. There is no limit here. */
export async function availableUsers({ db }: AdminResources) {
  const { total } = await pageOfScopes(db, { kind: 'user' }, { page: 1, size: 1 });
  return { total_users: null, total_users_used: total, total_users_remaining: null };
}
