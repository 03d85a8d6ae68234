import type { z } from 'zod';
import { asGatewayError, GatewayError } from '#contracts';
import { type Database, type KeyChange, listVirtualKeys, transact, type VirtualKey } from '#db';
import { administersTeam, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { requireCacheRights } from '../scopes/cache-fields.ts';
import { requireGuardrailRights } from '../scopes/guardrail-fields.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { requireScope } from '../scopes/write-scope.ts';
import { alterAndPublish, alterKey, type KeyAlteration } from './alter-key.ts';
import { checkOwners } from './check-owners.ts';
import { requireKey, withTeamsOrganization } from './find-key.ts';
import { bulkUpdateSchema, NOT_ENFORCED_KEY_FIELDS, teamBulkUpdateSchema, updateKeySchema } from './key-fields.ts';
import { checkBounds } from './key-rules.ts';
import { administersKey, requireFieldRights, requireKeyRight } from './key-rights.ts';
import { type SettingsInput, toKeySettings } from './key-settings.ts';
import { shownKey } from './key-spend.ts';
import { keyRowView } from './key-view.ts';

/** `POST /key/update`: what the body does not name stays as it is, null takes it out. */
export async function updateKey(body: unknown, caller: Caller, resources: AdminResources) {
  const { key: asked, input } = readUpdate(body);
  const { hash } = await requireKey(resources.db, asked);
  const key = await alterAndPublish(hash, updateOf(input, caller, resources), resources);
  return { key: asked, ...keyRowView(key, await shownKey(key, resources)) };
}

function readUpdate(body: unknown): { readonly key: string; readonly input: SettingsInput } {
  const {
    key,
    spend: _spend,
    ...input
  } = parseInput(body, { schema: updateKeySchema, notEnforced: NOT_ENFORCED_KEY_FIELDS, place: 'body' });
  return { key, input };
}

function updateOf(input: SettingsInput, caller: Caller, resources: AdminResources): KeyAlteration {
  return { caller, action: 'updated', change: (inside, key) => updatedSettings(inside, key, { input, caller, resources }) };
}

export interface SettingsChange {
  readonly input: SettingsInput;
  readonly caller: Caller;
  readonly resources: AdminResources;
}

/** What a caller's fields make of a key. Throws 403 where it may not change the key, or not these fields of it. */
export async function updatedSettings(inside: Database, key: VirtualKey, { input, caller, resources }: SettingsChange): Promise<KeyChange> {
  const owned = await withTeamsOrganization(inside, caller, key);
  requireKeyRight(caller, owned, '/key/update');
  requireFieldRights(caller, owned, input);
  if (key.blocked && input.blocked !== undefined && input.blocked !== true && !administersKey(caller, owned)) {
    throw denied('blocked: whoever has blocked a key unblocks it.', 'blocked');
  }
  if (!isAdmin(caller)) checkBounds(input, resources.stored.config);
  const settings = await toKeySettings(inside, input, { before: key, resources });
  requireGuardrailRights(caller, key.metadata, settings.metadata);
  requireCacheRights(caller, key.metadata, settings.metadata);
  const owners = { teamId: key.teamId, userId: key.userId, organizationId: key.organizationId, ...settings };
  const isMoved = owners.teamId !== key.teamId || owners.userId !== key.userId || owners.organizationId !== key.organizationId;
  if (isMoved) await checkOwners(inside, caller, owners);
  return settings;
}

/** `POST /key/bulk_update`: each by itself; the answer says which were changed and why the others were not. */
export async function bulkUpdateKeys(body: unknown, caller: Caller, resources: AdminResources) {
  const { keys } = parseInput(body, { schema: bulkUpdateSchema, place: 'body' });
  const updated = [];
  const failed = [];
  for (const change of keys) {
    try {
      const { key, ...info } = await updateKey(change, caller, resources);
      updated.push({ key, key_info: info });
    } catch (error) {
      const { message, status, param } = asGatewayError(error);
      if (status >= 500) throw error;
      failed.push({
        key: typeof change['key'] === 'string' ? change['key'] : null,
        key_info: null,
        failed_reason: message,
        param: param ?? null,
      });
    }
  }
  return { total_requested: keys.length, successful_updates: updated, failed_updates: failed };
}

const MOST_TEAM_KEYS = 500;
const fieldsSchema = updateKeySchema.omit({ key: true, key_alias: true, team_id: true });

/** `POST /team/key/bulk_update`: the same change to keys of one team, all of them or none. */
export async function bulkUpdateTeamKeys(body: unknown, caller: Caller, resources: AdminResources) {
  const asked = parseInput(body, { schema: teamBulkUpdateSchema, place: 'body' });
  const team = await requireScope(resources.db, { kind: 'team', id: asked.team_id }, 'team_id');
  if (!administersTeam(caller, team.id, team.organizationId)) throw denied(`You do not administer the team ${team.id}.`, 'team_id');
  const { spend: _spend, ...input } = parseInput(asked.update_fields, {
    schema: fieldsSchema,
    notEnforced: NOT_ENFORCED_KEY_FIELDS,
    place: 'body',
  });
  const keys = await namedKeys(asked, resources);
  const changed = await transact(resources.db, async (inside) => {
    const after: VirtualKey[] = [];
    for (const { hash } of keys) after.push(await alterKey(inside, hash, updateOf(input, caller, resources)));
    return after;
  });
  await publishTouched({ keys: changed.map(({ hash }) => hash) }, resources);
  const successful = changed.map((key) => ({ key: key.hash, key_info: keyRowView(key, { now: resources.now() }) }));
  return { team_id: team.id, total_requested: keys.length, successful_updates: successful, failed_updates: [] };
}

async function namedKeys(asked: z.infer<typeof teamBulkUpdateSchema>, { db }: AdminResources): Promise<readonly VirtualKey[]> {
  if (asked.all_keys_in_team === true) {
    const { keys, total } = await listVirtualKeys(db, { teamIds: [asked.team_id] }, { page: 1, size: MOST_TEAM_KEYS });
    if (total <= MOST_TEAM_KEYS) return keys;
    throw new GatewayError('invalid_request', `all_keys_in_team: the team has ${total} keys. Name ${MOST_TEAM_KEYS} at most in key_ids.`, {
      param: 'all_keys_in_team',
    });
  }
  const ids = asked.key_ids ?? [];
  if (ids.length === 0) throw new GatewayError('invalid_request', 'key_ids: name keys, or say all_keys_in_team.', { param: 'key_ids' });
  const keys: VirtualKey[] = [];
  for (const [index, id] of ids.entries()) {
    const key = await requireKey(db, id, `key_ids[${index}]`);
    if (key.teamId !== asked.team_id) {
      throw new GatewayError('invalid_request', `key_ids[${index}]: this key is not one of the team ${asked.team_id}.`, {
        param: `key_ids[${index}]`,
      });
    }
    if (!keys.some(({ hash }) => hash === key.hash)) keys.push(key);
  }
  return keys.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
}
