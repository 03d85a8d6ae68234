import { type Database, findScopes, pageOfScopes, type ScopeFilter, type StoredScope } from '#db';
import { administeredTeams, type Caller, denied, seesAll, seesTeam } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { ownedKeys } from '../scopes/owned-keys.ts';
import { spendOf, spendOfMembers } from '../scopes/scope-spend.ts';
import { requireScope } from '../scopes/write-scope.ts';
import { memberPermissions } from './team-details.ts';
import { listTeamsSchema, MEMBER_PERMISSIONS, pageOfTeamsSchema, teamIdSchema, teamInfoSchema } from './team-fields.ts';
import { membershipView, teamView } from './team-view.ts';

/** `GET /team/info?team_id=`: the team with its keys and what each member has spent of it. */
export async function teamInfo(query: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: id, key_limit: keyLimit } = parseInput(query, { schema: teamInfoSchema, place: 'query' });
  const team = await requireScope(resources.db, { kind: 'team', id });
  if (!seesTeam(caller, id, team.organizationId)) throw denied('You are not in this team.', 'team_id');
  const [shown] = await showTeams([team], caller, { ...resources, keyLimit });
  const { keys = [], team_memberships: memberships = [], ...info } = shown ?? {};
  return { team_id: id, team_info: info, keys, team_memberships: memberships };
}

/** `GET /team/list`: all teams that the caller sees, with their members and keys. */
export async function listTeams(query: unknown, caller: Caller, resources: AdminResources) {
  const asked = parseInput(query, { schema: listTeamsSchema, place: 'query' });
  const filter = await visibleTeams(asked, caller, resources.db);
  const { scopes } = await pageOfScopes(resources.db, filter, { page: 1, size: MOST_TEAMS });
  return showTeams(scopes, caller, { ...resources, keyLimit: KEYS_IN_LISTS });
}

const MOST_TEAMS = 1_000;
const KEYS_IN_LISTS = 25;
const SORT_COLUMNS = { team_id: 'id', team_alias: 'alias', created_at: 'createdAt' } as const;

/** `GET /v2/team/list`: the same in pages, without keys. */
export async function pageOfTeams(query: unknown, caller: Caller, resources: AdminResources) {
  const asked = parseInput(query, { schema: pageOfTeamsSchema, place: 'query' });
  const filter = await visibleTeams(asked, caller, resources.db);
  const named = asked.team_ids ?? (asked.team_id === undefined ? undefined : [asked.team_id]);
  const ids = named === undefined ? filter.ids : named.filter((id) => filter.ids?.includes(id) ?? true);
  const { scopes, total } = await pageOfScopes(
    resources.db,
    { ...filter, ids, alias: asked.team_alias, search: asked.search },
    { page: asked.page, size: asked.page_size, sortBy: SORT_COLUMNS[asked.sort_by], oldestFirst: asked.sort_order === 'asc' },
  );
  const teams = await showTeams(scopes, caller, { ...resources, keyLimit: 0 });
  return { teams, total, page: asked.page, page_size: asked.page_size, total_pages: Math.ceil(total / asked.page_size) };
}

interface Wanted {
  readonly user_id?: string | undefined;
  readonly organization_id?: string | undefined;
}

/** Everybody's for those who read everything; else of one's own teams and organizations. */
async function visibleTeams(wanted: Wanted, caller: Caller, db: Database): Promise<ScopeFilter> {
  const filter: ScopeFilter = {
    kind: 'team',
    organizationIds: wanted.organization_id === undefined ? undefined : [wanted.organization_id],
  };
  const mine = seesAll(caller) ? undefined : await ownTeams(caller, db);
  if (wanted.user_id === undefined) return { ...filter, ids: mine };
  const places = await findScopes(db, { kind: 'member', userIds: [wanted.user_id] });
  const theirs = places.flatMap(({ teamId }) => teamId ?? []);
  return { ...filter, ids: mine === undefined ? theirs : theirs.filter((id) => mine.includes(id)) };
}

async function ownTeams(caller: Caller, db: Database): Promise<string[]> {
  const ofOrganizations =
    caller.organizationIds.length === 0 ? [] : await findScopes(db, { kind: 'team', organizationIds: caller.organizationIds });
  return [...new Set([...caller.teams.map(({ teamId }) => teamId), ...ofOrganizations.map(({ id }) => id)])];
}

type Showing = AdminResources & { readonly keyLimit: number };

async function showTeams(teams: readonly StoredScope[], caller: Caller, { db, now, keyLimit }: Showing) {
  const ids = teams.map(({ id }) => id);
  const members = ids.length === 0 ? [] : await findScopes(db, { kind: 'member', teamIds: ids });
  const users = members.length === 0 ? [] : await findScopes(db, { kind: 'user', ids: members.flatMap(({ userId }) => userId ?? []) });
  const spend = await spendOf(db, 'team', ids);
  const spendOfMember = await spendOfMembers(db, ids);
  const shown = [];
  for (const team of teams) {
    const own = members.filter(({ teamId }) => teamId === team.id);
    shown.push({
      ...teamView(team, { members: own, users }, { now: now(), spendUsd: spend.get(team.id) }),
      team_memberships: own.map((member) => membershipView(member, { now: now(), spendUsd: spendOfMember(team.id, member.userId ?? '') })),
      keys: keyLimit === 0 ? [] : await keysOf(team, caller, { db, keyLimit }),
    });
  }
  return shown;
}

/** All keys of the team for whoever administers it, one's own for a member. */
async function keysOf(team: StoredScope, caller: Caller, { db, keyLimit }: Pick<Showing, 'db' | 'keyLimit'>) {
  const all = seesAll(caller) || administeredTeams(caller).includes(team.id) || ownsOrganization(caller, team);
  return ownedKeys(db, { teamIds: [team.id], userIds: all ? undefined : [caller.userId ?? ''] }, keyLimit);
}

function ownsOrganization(caller: Caller, { organizationId }: StoredScope): boolean {
  return organizationId !== null && caller.organizationIds.includes(organizationId);
}

/** `GET /team/{team_id}/members/me`: the caller's own place. */
export async function ownMembership(params: unknown, caller: Caller, { db, now }: AdminResources) {
  const { team_id: id } = teamIdSchema.parse(params);
  const team = await requireScope(db, { kind: 'team', id });
  const [member] =
    caller.userId === undefined ? [] : await findScopes(db, { kind: 'member', teamIds: [team.id], userIds: [caller.userId] });
  if (member === undefined) throw denied('You are not a member of this team.', 'team_id');
  const spendOfMember = await spendOfMembers(db, [id]);
  return { team_alias: team.alias, ...membershipView(member, { now: now(), spendUsd: spendOfMember(id, member.userId ?? '') }) };
}

/** `GET /team/permissions_list`. */
export async function listPermissions(query: unknown, caller: Caller, { db }: AdminResources) {
  const { team_id: id } = parseInput(query, { schema: teamIdSchema, place: 'query' });
  const team = await requireScope(db, { kind: 'team', id });
  if (!seesTeam(caller, id, team.organizationId)) throw denied('You are not in this team.', 'team_id');
  return { team_id: id, team_member_permissions: memberPermissions(team.details), all_available_permissions: MEMBER_PERMISSIONS };
}
