import { randomUUID } from 'node:crypto';
import { deleteOrganizationMembers, findOrganizationMembers, findScopes, lockScopes, type StoredScope, transact } from '#db';
import { administersOrganization, type Caller, denied, isAdmin, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { deleteOwnedKeys } from '../scopes/delete-owned-keys.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { limitShape, mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { addScope, type Alteration, alterScope, lockAll, lockScope } from '../scopes/write-scope.ts';
import { dropTeams } from '../teams/delete-teams.ts';
import {
  changedOrganizationSchema,
  newOrganizationSchema,
  NOT_ENFORCED_ORGANIZATION_FIELDS,
  organizationIdSchema,
  organizationIdsSchema,
} from './organization-fields.ts';
import { organizationView } from './organization-view.ts';

/** `POST /organization/new`. */
export async function createOrganization(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: newOrganizationSchema, notEnforced: NOT_ENFORCED_ORGANIZATION_FIELDS, place: 'body' });
  const organization = await transact(resources.db, (inside) =>
    addScope(
      { inside, caller, resources },
      {
        kind: 'organization',
        id: input.organization_id ?? randomUUID(),
        alias: input.organization_alias,
        models: input.models ?? [],
        metadata: input.metadata ?? {},
        tags: input.tags ?? [],
        blocked: input.blocked ?? false,
        budgetId: input.budget_id ?? null,
        fields: mergeFields({}, saidLimits(input)),
      },
    ),
  );
  await publishTouched({ scopes: [organization] }, resources);
  return organizationView(organization, { now: resources.now(), members: [] });
}

/** What an organization may spend and use is said by the gateway's administrators; its own run the rest. */
const SET_FROM_ABOVE = [...Object.keys(limitShape).filter((name) => name !== 'soft_budget'), 'budget_id', 'models', 'blocked'];

/** `PATCH /organization/update`: what is not named stays, null takes something away. */
export async function updateOrganization(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: changedOrganizationSchema, notEnforced: NOT_ENFORCED_ORGANIZATION_FIELDS, place: 'body' });
  const field = isAdmin(caller) ? undefined : SET_FROM_ABOVE.find((name) => Object.hasOwn(input, name));
  if (field !== undefined) throw denied(`${field} of an organization is set by the administrators of the gateway.`, field);
  const organization = await changeOrganization(input.organization_id, caller, resources, (before) => ({
    alias: input.organization_alias,
    models: input.models === null ? [] : input.models,
    metadata: input.metadata === null ? {} : input.metadata,
    tags: input.tags === null ? [] : input.tags,
    blocked: input.blocked ?? undefined,
    budgetId: input.budget_id,
    fields: mergeFields(before.fields, saidLimits(input)),
  }));
  return shownOrganization(organization, resources);
}

/** `POST /organization/block`, `/organization/unblock`. */
export async function setOrganizationBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { organization_id: id } = parseInput(body, { schema: organizationIdSchema, place: 'body' });
  const change: Alteration = { blocked, action: blocked ? 'blocked' : 'unblocked' };
  return shownOrganization(await changeOrganization(id, caller, resources, () => change), resources);
}

async function changeOrganization(
  id: string,
  caller: Caller,
  resources: AdminResources,
  change: (before: StoredScope) => Alteration,
): Promise<StoredScope> {
  const organization = await transact(resources.db, async (inside) => {
    const before = await lockScope(inside, { kind: 'organization', id });
    if (!administersOrganization(caller, id)) throw denied('You do not administer this organization.', 'organization_id');
    return alterScope({ inside, caller, resources }, before, change(before));
  });
  await publishTouched({ scopes: [organization] }, resources);
  return organization;
}

/** With its members, teams and spend. */
export async function shownOrganization(organization: StoredScope, { db, now }: AdminResources) {
  const { id } = organization;
  const members = await findOrganizationMembers(db, { organizationIds: [id] });
  const teams = await findScopes(db, { kind: 'team', organizationIds: [id] });
  const spend = await spendOf(db, 'organization', [id]);
  return organizationView(organization, { now: now(), spendUsd: spend.get(id), members, teams });
}

/** `DELETE /organization/delete`: all of them or none, with their teams and the keys of both. Users stay. */
export async function deleteOrganizations(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { organization_ids: asked } = parseInput(body, { schema: organizationIdsSchema, place: 'body' });
  const ids = [...new Set(asked)];
  const { touched, organizations } = await transact(resources.db, async (inside) => {
    const writing = { inside, caller, resources };
    const locked = await lockAll(inside, 'organization', ids, 'organization_ids');
    const teams = await dropTeams(writing, await lockScopes(inside, { kind: 'team', organizationIds: ids }));
    const keys = await deleteOwnedKeys(writing, { organizationIds: ids });
    const users = await lockScopes(inside, { kind: 'user', organizationIds: ids });
    for (const user of users) await alterScope(writing, user, { organizationId: null });
    await deleteOrganizationMembers(inside, { organizationIds: ids });
    const deleted = await dropScopes(writing, locked);
    return { touched: { scopes: [...deleted, ...teams.scopes, ...users], keys: [...teams.keys, ...keys] }, organizations: locked };
  });
  await publishTouched(touched, resources);
  return organizations.map((organization) => organizationView(organization, { now: resources.now(), members: [] }));
}
