import { GatewayError } from '#contracts';
import {
  addOrganizationMember,
  type Database,
  deleteOrganizationMember,
  findScopes,
  type OrganizationMember,
  type StoredScope,
  transact,
  updateOrganizationMember,
} from '#db';
import { recordChange } from '../audit/record-change.ts';
import { administersOrganization, type Caller, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { addScope, lockScope, scopeNotFound, type Writing } from '../scopes/write-scope.ts';
import { newUserId } from '../users/new-user-id.ts';
import { userView } from '../users/user-view.ts';
import {
  memberAddSchema,
  memberDeleteSchema,
  memberUpdateSchema,
  NOT_ENFORCED_MEMBER_FIELDS,
  type OrganizationMemberInput,
} from './organization-fields.ts';
import { memberView } from './organization-view.ts';

/** `POST /organization/member_add`: one or several, all or none. As in LiteLLM users that nobody has made yet are made by it. */
export async function addMembersToOrganization(body: unknown, caller: Caller, resources: AdminResources) {
  const { organization_id: id, member } = parseInput(body, {
    schema: memberAddSchema,
    notEnforced: NOT_ENFORCED_MEMBER_FIELDS,
    place: 'body',
  });
  const added = await transact(resources.db, async (inside) => {
    await lockOwn(inside, id, caller);
    const places = [];
    for (const one of Array.isArray(member) ? member : [member]) places.push(await addOne({ inside, caller, resources }, id, one));
    return places;
  });
  await publishTouched({ scopes: added.filter(({ isNew }) => isNew).map(({ user }) => user) }, resources);
  return {
    organization_id: id,
    updated_users: added.map(({ user }) => userView(user, { now: resources.now() })),
    updated_organization_memberships: added.map(({ place }) => memberView(place)),
  };
}

async function addOne(writing: Writing, organizationId: string, input: OrganizationMemberInput) {
  const { inside, caller } = writing;
  const known = await findUser(inside, input);
  const email = input.user_email ?? null;
  const user =
    known ?? (await addScope(writing, { kind: 'user', id: input.user_id ?? newUserId(), email, role: 'internal_user', organizationId }));
  const place = await addOrganizationMember(inside, { organizationId, userId: user.id, role: input.role });
  if (place === undefined) throw new GatewayError('conflict', `${user.id} is a member of the organization already.`, { param: 'user_id' });
  await record(writing.inside, caller, { action: 'created', after: memberView(place) }, place);
  return { user, place, isNew: known === undefined };
}

interface Named {
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
}

async function findUser(db: Database, { user_id: id, user_email: email }: Named): Promise<StoredScope | undefined> {
  if (id == null && email == null)
    throw new GatewayError('invalid_request', 'Name the user by user_id or user_email.', { param: 'user_id' });
  const [user] = await findScopes(db, { kind: 'user', ...(id == null ? { email: email ?? '' } : { ids: [id] }) });
  return user;
}

/** `PATCH /organization/member_update`. */
export async function updateOrganizationPlace(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(body, { schema: memberUpdateSchema, notEnforced: NOT_ENFORCED_MEMBER_FIELDS, place: 'body' });
  const place = await transact(resources.db, async (inside) => {
    const where = await placeOf(inside, input, caller);
    const after = await updateOrganizationMember(inside, { ...where, role: input.role });
    if (after === undefined) throw notMember(where.userId);
    await record(inside, caller, { action: 'updated', after: memberView(after) }, after);
    return after;
  });
  return memberView(place);
}

/** `DELETE /organization/member_delete`. */
export async function deleteOrganizationPlace(body: unknown, caller: Caller, { db }: AdminResources) {
  const input = parseInput(body, { schema: memberDeleteSchema, place: 'body' });
  const place = await transact(db, async (inside) => {
    const where = await placeOf(inside, input, caller);
    const before = await deleteOrganizationMember(inside, where);
    if (before === undefined) throw notMember(where.userId);
    await record(inside, caller, { action: 'deleted', before: memberView(before) }, before);
    return before;
  });
  return memberView(place);
}

async function placeOf(inside: Database, input: Named & { organization_id: string }, caller: Caller) {
  await lockOwn(inside, input.organization_id, caller);
  const user = await findUser(inside, input);
  if (user === undefined) throw notMember(input.user_id ?? input.user_email ?? '');
  return { organizationId: input.organization_id, userId: user.id };
}

async function lockOwn(inside: Database, id: string, caller: Caller): Promise<void> {
  await lockScope(inside, { kind: 'organization', id });
  if (!administersOrganization(caller, id)) throw denied('You do not administer this organization.', 'organization_id');
}

function notMember(name: string): GatewayError {
  return scopeNotFound({ kind: 'user', id: name });
}

type Entry = {
  readonly action: 'created' | 'updated' | 'deleted';
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
};

function record(inside: Database, caller: Caller, entry: Entry, { organizationId, userId }: OrganizationMember): Promise<void> {
  return recordChange(inside, caller, { ...entry, table: 'members', objectId: `${organizationId}/${userId}` });
}
