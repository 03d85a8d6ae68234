import { GatewayError } from '#contracts';
import { type Database, findScopes, lockScopes, type StoredScope, transact } from '#db';
import { administersOrganization, administersTeam, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { limitShape } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { type Alteration, alterScope, lockScope, requireScope } from '../scopes/write-scope.ts';
import { checkMemberDefaults } from './create-team.ts';
import {
  bulkPermissionsSchema,
  type ChangedTeamInput,
  changedTeamSchema,
  memberDefaultsShape,
  NOT_ENFORCED_TEAM_FIELDS,
  permissionsSchema,
  teamIdSchema,
  teamModelsSchema,
} from './team-fields.ts';
import { requireCacheRights } from '../scopes/cache-fields.ts';
import { requireGuardrailRights } from '../scopes/guardrail-fields.ts';
import { teamChange } from './team-change.ts';
import { memberPermissions } from './team-details.ts';
import { teamView } from './team-view.ts';

/** `POST /team/update`, `PATCH /team/{team_id}`: what is not named stays, null takes something away. */
export async function updateTeam(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: changedTeamSchema, notEnforced: NOT_ENFORCED_TEAM_FIELDS, place: 'body' });
  const team = await changeTeam(input.team_id, caller, resources, async (before, inside) => {
    await checkOrganization(inside, caller, before, input);
    const change = teamChange(input, before);
    requireGuardrailRights(caller, before.metadata, change.metadata);
    requireCacheRights(caller, before.metadata, change.metadata);
    await checkMemberDefaults(change.details ?? {}, resources);
    return change;
  });
  return { team_id: team.id, data: await shownTeam(team, resources) };
}

/** Throws where a team's administrator would take what only whoever is above the team can give it. */
async function checkOrganization(inside: Database, caller: Caller, before: StoredScope, input: ChangedTeamInput): Promise<void> {
  const { organization_id: organizationId } = input;
  if (!isAboveTeam(caller, before)) {
    const field = SET_FROM_ABOVE.find((name) => Object.hasOwn(input, name));
    if (field !== undefined) throw denied(`${field} of a team is set by the administrators of its organization or of the gateway.`, field);
    if (input.models !== undefined) checkNoNewModels(before, input.models ?? []);
  }
  if (organizationId == null || organizationId === before.organizationId) return;
  await requireScope(inside, { kind: 'organization', id: organizationId }, 'organization_id');
  if (!administersOrganization(caller, organizationId)) throw denied('You do not administer this organization.', 'organization_id');
}

/** A team's administrators run it; what it may spend is said by whoever gave it that. */
const SET_FROM_ABOVE = [...Object.keys(limitShape).filter((name) => name !== 'soft_budget'), 'organization_id', 'blocked'];

function isAboveTeam(caller: Caller, { organizationId }: StoredScope): boolean {
  return isAdmin(caller) || (organizationId !== null && administersOrganization(caller, organizationId));
}

function checkNoNewModels(before: StoredScope, models: readonly string[]): void {
  if (before.models.length === 0) return;
  if (models.length > 0 && models.every((model) => before.models.includes(model))) return;
  throw denied('More models are given to a team by the administrators of its organization or of the gateway.', 'models');
}

/** `POST /team/block`, `/team/unblock`. */
export async function setTeamBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: id } = parseInput(body, { schema: teamIdSchema, place: 'body' });
  const team = await changeTeam(id, caller, resources, async () => ({ blocked, action: blocked ? 'blocked' : 'unblocked' }));
  return shownTeam(team, resources);
}

/** `POST /team/model/add`, `/team/model/delete`. */
export async function changeTeamModels(adds: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: id, models } = parseInput(body, { schema: teamModelsSchema, place: 'body' });
  const team = await changeTeam(id, caller, resources, async (before) => {
    if (adds && !isAboveTeam(caller, before)) checkNoNewModels(before, models);
    const left = adds ? [...new Set([...before.models, ...models])] : before.models.filter((model) => !models.includes(model));
    // an empty list means every model: taking the last one away would open all of them
    if (!adds && left.length === 0 && before.models.length > 0) {
      throw new GatewayError('invalid_request', 'models: a team without a list may use every model. Leave it one, or block it.', {
        param: 'models',
      });
    }
    return { models: left };
  });
  return shownTeam(team, resources);
}

/** `POST /team/permissions_update`. */
export async function updatePermissions(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_id: id, team_member_permissions: permissions } = parseInput(body, { schema: permissionsSchema, place: 'body' });
  const team = await changeTeam(id, caller, resources, async ({ details }) => ({
    details: { ...details, team_member_permissions: permissions },
  }));
  return shownTeam(team, resources);
}

/** `POST /team/permissions_bulk_update`: adds permissions to those that teams have. */
export async function addPermissions(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: bulkPermissionsSchema, place: 'body' });
  if ((input.team_ids == null) === (input.apply_to_all_teams !== true)) {
    throw new GatewayError('invalid_request', 'Give team_ids, or apply_to_all_teams.', { param: 'team_ids' });
  }
  const teams = input.team_ids ?? (await findScopes(resources.db, { kind: 'team' })).map(({ id }) => id);
  for (const id of teams) {
    await changeTeam(id, caller, resources, async ({ details }) => {
      const permissions = new Set([...memberPermissions(details), ...input.permissions]);
      return { details: { ...details, team_member_permissions: [...permissions] } };
    });
  }
  return { message: 'Permissions were added.', teams_updated: teams.length, permissions_appended: input.permissions };
}

type MakeChange = (before: StoredScope, inside: Database) => Promise<Alteration>;

async function changeTeam(id: string, caller: Caller, resources: AdminResources, change: MakeChange): Promise<StoredScope> {
  const touched = await transact(resources.db, async (inside) => {
    const before = await lockScope(inside, { kind: 'team', id });
    if (!administersTeam(caller, id, before.organizationId)) throw denied('You do not administer this team.', 'team_id');
    const writing = { inside, caller, resources };
    const after = await alterScope(writing, before, await change(before, inside));
    if (!changesMembers(before, after)) return { after, members: [] };
    const members: StoredScope[] = [];
    // their limits follow from what the team says of its members
    for (const member of await lockScopes(inside, { kind: 'member', teamIds: [id] })) members.push(await alterScope(writing, member, {}));
    return { after, members };
  });
  await publishTouched({ scopes: [touched.after, ...touched.members] }, resources);
  return touched.after;
}

function changesMembers(before: StoredScope, after: StoredScope): boolean {
  return Object.keys(memberDefaultsShape).some((name) => JSON.stringify(before.details[name]) !== JSON.stringify(after.details[name]));
}

/** With its members and its spend. */
export async function shownTeam(team: StoredScope, { db, now }: AdminResources) {
  const members = await findScopes(db, { kind: 'member', teamIds: [team.id] });
  const users = await findScopes(db, { kind: 'user', ids: members.flatMap(({ userId }) => userId ?? []) });
  const spend = await spendOf(db, 'team', [team.id]);
  return teamView(team, { members, users }, { now: now(), spendUsd: spend.get(team.id) });
}
