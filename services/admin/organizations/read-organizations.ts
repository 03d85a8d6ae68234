import { findOrganizationMembers, findScopes, type ScopeFilter } from '#db';
import { type Caller, denied, seesAll } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { requireScope, scopeNotFound } from '../scopes/write-scope.ts';
import { shownOrganization } from './change-organization.ts';
import { listOrganizationsSchema, organizationIdSchema, organizationInfosSchema } from './organization-fields.ts';
import { organizationView } from './organization-view.ts';

/** `GET /organization/info?organization_id=`. */
export async function organizationInfo(query: unknown, caller: Caller, resources: AdminResources) {
  const { organization_id: id } = parseInput(query, { schema: organizationIdSchema, place: 'query' });
  const organization = await requireScope(resources.db, { kind: 'organization', id });
  if (!isVisible(id, caller)) throw denied('You are not in this organization.', 'organization_id');
  return shownOrganization(organization, resources);
}

function isVisible(id: string, caller: Caller): boolean {
  return seesAll(caller) || caller.memberOf.includes(id) || caller.teams.some(({ organizationId }) => organizationId === id);
}

/** `POST /organization/info`: several at once. */
export async function organizationInfos(body: unknown, caller: Caller, resources: AdminResources) {
  const { organizations: ids } = parseInput(body, { schema: organizationInfosSchema, place: 'body' });
  const foreign = ids.findIndex((id) => !isVisible(id, caller));
  if (foreign >= 0) throw denied('You are not in this organization.', `organizations[${foreign}]`);
  const shown = await showMany({ kind: 'organization', ids }, resources);
  const missing = ids.findIndex((id) => !shown.some((one) => one.organization_id === id));
  if (missing >= 0) throw scopeNotFound({ kind: 'organization', id: ids[missing] ?? '' }, `organizations[${missing}]`);
  return shown;
}

/** `GET /organization/list`: all of them, or those that the caller is in. */
export async function listOrganizations(query: unknown, caller: Caller, resources: AdminResources) {
  const { org_id: id, org_alias: search } = parseInput(query, { schema: listOrganizationsSchema, place: 'query' });
  const mine = seesAll(caller) ? undefined : [...caller.memberOf, ...caller.teams.flatMap(({ organizationId }) => organizationId ?? [])];
  const ids = id === undefined ? mine : [id].filter((one) => mine?.includes(one) ?? true);
  return showMany({ kind: 'organization', ids, search }, resources);
}

async function showMany(filter: ScopeFilter, { db, now }: AdminResources) {
  const organizations = await findScopes(db, filter);
  const ids = organizations.map(({ id }) => id);
  const members = ids.length === 0 ? [] : await findOrganizationMembers(db, { organizationIds: ids });
  const teams = ids.length === 0 ? [] : await findScopes(db, { kind: 'team', organizationIds: ids });
  const spend = await spendOf(db, 'organization', ids);
  return organizations.map((organization) =>
    organizationView(organization, {
      now: now(),
      spendUsd: spend.get(organization.id),
      members: members.filter(({ organizationId }) => organizationId === organization.id),
      teams: teams.filter(({ organizationId }) => organizationId === organization.id),
    }),
  );
}
