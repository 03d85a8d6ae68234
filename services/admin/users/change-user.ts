import { GatewayError } from '#contracts';
import { deleteOrganizationMembers, findScopes, lockScopes, type StoredScope, transact } from '#db';
import { type Caller, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { deleteOwnedKeys } from '../scopes/delete-owned-keys.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { type Alteration, alterScope, lockAll, lockScope, scopeNotFound, type Writing } from '../scopes/write-scope.ts';
import { bulkUsersSchema, changedUserSchema, NOT_ENFORCED_USER_FIELDS, userIdSchema, userIdsSchema } from './user-fields.ts';
import { userView } from './user-view.ts';

/** `POST /user/update`: by `user_id`, or by `user_email` where that is not given. Null takes something away. */
export async function updateUser(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const user = await transact(resources.db, (inside) => changeOne({ inside, caller, resources }, body));
  await publishTouched({ scopes: [user] }, resources);
  const spend = await spendOf(resources.db, 'user', [user.id]);
  return { user_id: user.id, data: userView(user, { now: resources.now(), spendUsd: spend.get(user.id) }) };
}

async function changeOne(writing: Writing, body: unknown): Promise<StoredScope> {
  const input = parseInput(body, { schema: changedUserSchema, notEnforced: NOT_ENFORCED_USER_FIELDS, place: 'body' });
  const user = await lockNamed(writing, input);
  return alterScope(writing, user, {
    alias: input.user_alias,
    email: input.user_id == null ? undefined : input.user_email,
    role: input.user_role ?? undefined,
    models: input.models === null ? [] : input.models,
    metadata: input.metadata === null ? {} : input.metadata,
    blocked: input.blocked ?? undefined,
    fields: mergeFields(user.fields, saidLimits(input)),
    details: mergeFields(user.details, { sso_user_id: input.sso_user_id }),
  });
}

async function lockNamed(
  { inside }: Writing,
  name: { user_id?: string | null | undefined; user_email?: string | null | undefined },
): Promise<StoredScope> {
  if (name.user_id != null) return lockScope(inside, { kind: 'user', id: name.user_id });
  if (name.user_email == null) throw new GatewayError('invalid_request', 'Name the user by user_id or user_email.', { param: 'user_id' });
  const [user] = await lockScopes(inside, { kind: 'user', email: name.user_email });
  if (user === undefined) throw scopeNotFound({ kind: 'user', id: name.user_email }, 'user_email');
  return user;
}

/** `POST /user/bulk_update`: each for itself; what went wrong with one is said beside its id. */
export async function updateUsers(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: bulkUsersSchema, place: 'body' });
  if ((input.users == null) === (input.all_users !== true))
    throw new GatewayError('invalid_request', 'Give users, or all_users.', { param: 'users' });
  const changes = input.users ?? (await everybody(input.user_updates ?? {}, resources));
  const results = [];
  for (const change of changes) results.push(await tryUpdate(change, caller, resources));
  const done = results.filter(({ success }) => success).length;
  return { results, total_requested: results.length, successful_updates: done, failed_updates: results.length - done };
}

async function everybody(change: Record<string, unknown>, { db }: AdminResources): Promise<Record<string, unknown>[]> {
  return (await findScopes(db, { kind: 'user' })).map(({ id }) => ({ ...change, user_id: id }));
}

async function tryUpdate(change: Record<string, unknown>, caller: Caller, resources: AdminResources) {
  const named = { user_id: change['user_id'] ?? null, user_email: change['user_email'] ?? null };
  try {
    const { user_id: id, data } = await updateUser(change, caller, resources);
    return { ...named, user_id: id, success: true, error: null, updated_user: data };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.status >= 500) throw error;
    return { ...named, success: false, error: error.message, updated_user: null };
  }
}

/** `POST /user/block`, `/user/unblock`. */
export async function setUserBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { user_id: id } = parseInput(body, { schema: userIdSchema, place: 'body' });
  const change: Alteration = { blocked, action: blocked ? 'blocked' : 'unblocked' };
  const user = await transact(resources.db, async (inside) =>
    alterScope({ inside, caller, resources }, await lockScope(inside, { kind: 'user', id }), change),
  );
  await publishTouched({ scopes: [user] }, resources);
  return userView(user, { now: resources.now() });
}

/** `POST /user/delete`: all of them or none, with their keys and their places in teams and organizations. Answers how many. */
export async function deleteUsers(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { user_ids: asked } = parseInput(body, { schema: userIdsSchema, place: 'body' });
  const ids = [...new Set(asked)];
  const touched = await transact(resources.db, async (inside) => {
    const writing = { inside, caller, resources };
    const users = await lockAll(inside, 'user', ids, 'user_ids');
    const keys = await deleteOwnedKeys(writing, { userIds: ids });
    const members = await dropScopes(writing, await lockScopes(inside, { kind: 'member', userIds: ids }));
    await deleteOrganizationMembers(inside, { userIds: ids });
    const deleted = await dropScopes(writing, users);
    return { scopes: [...deleted, ...members], keys };
  });
  await publishTouched(touched, resources);
  return ids.length;
}
