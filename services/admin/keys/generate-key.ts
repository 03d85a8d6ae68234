import { GatewayError } from '#contracts';
import { createVirtualKey, type Database, isSecretTaken, transact, type VirtualKey } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { requireGuardrailRights } from '../scopes/guardrail-fields.ts';
import { checkOwners } from './check-owners.ts';
import { type GenerateKeyInput, generateKeySchema, NOT_ENFORCED_KEY_FIELDS } from './key-fields.ts';
import { boundedByRules, withDefaults } from './key-rules.ts';
import { maskSecret, newKeySecret, sha256Hex } from './key-secret.ts';
import { toKeySettings } from './key-settings.ts';
import { keyAuditView, newKeyView } from './key-view.ts';

/**
 * `POST /key/generate`. The key works as soon as it is in the bucket: before this answers, or, when NATS is away, as soon
 * as it is back. Throws `invalid_request`, `unsupported_parameter`, 403, 404 or `conflict` (alias or key taken).
 */
export async function generateKey(body: unknown, caller: Caller, resources: AdminResources) {
  const input = readInput(body);
  const { key, secret } = await transact(resources.db, (inside) => createKey(inside, withOwner(input, caller), caller, resources));
  await resources.keys.publish(key.hash);
  return newKeyView(key, secret, { now: resources.now() });
}

/** `POST /key/service-account/generate`: a key of a team that belongs to none of its members, and so outlives them. */
export async function generateServiceKey(body: unknown, caller: Caller, resources: AdminResources) {
  const input = readInput(body);
  if (input.team_id == null)
    throw new GatewayError('invalid_request', 'team_id: a service account belongs to a team.', { param: 'team_id' });
  if (input.user_id != null)
    throw new GatewayError('invalid_request', 'user_id: a service account belongs to no user.', { param: 'user_id' });
  const metadata = { ...input.metadata, service_account_id: input.metadata?.['service_account_id'] ?? input.key_alias ?? null };
  const { key, secret } = await transact(resources.db, (inside) => createKey(inside, { ...input, metadata }, caller, resources));
  await resources.keys.publish(key.hash);
  return newKeyView(key, secret, { now: resources.now() });
}

function readInput(body: unknown): GenerateKeyInput {
  return parseInput(body, { schema: generateKeySchema, notEnforced: NOT_ENFORCED_KEY_FIELDS, place: 'body' });
}

/** Whoever makes a key and is no administrator makes it for himself, unless he says for whom. */
function withOwner(input: GenerateKeyInput, caller: Caller): GenerateKeyInput {
  return input.user_id == null && !isAdmin(caller) && caller.userId !== undefined ? { ...input, user_id: caller.userId } : input;
}

/** Makes a key inside of a transaction; whoever calls publishes it (`resources.keys.publish`) once that is over. The secret is kept nowhere. */
export async function createKey(
  inside: Database,
  said: GenerateKeyInput,
  caller: Caller,
  resources: Pick<AdminResources, 'now' | 'stored' | 'masterKey' | 'randomBytes'>,
): Promise<{ readonly key: VirtualKey; readonly secret: string }> {
  const input = boundedByRules(withDefaults(said, resources.stored.config), resources.stored.config);
  const settings = await toKeySettings(inside, input, { resources });
  requireGuardrailRights(caller, {}, settings.metadata);
  await checkOwners(inside, caller, { teamId: null, userId: null, organizationId: null, ...settings });
  const secret = input.key ?? newKeySecret(resources.randomBytes);
  if (input.key != null) await requireFreeSecret(inside, secret, { masterKey: resources.masterKey, param: 'key' });
  const row = { ...settings, hash: sha256Hex(secret), masked: maskSecret(secret), createdBy: callerName(caller) };
  const result = await createVirtualKey(inside, row);
  if (result.kind === 'alias-taken') throw aliasTaken(input.key_alias);
  if (result.kind === 'key-taken') throw keyTaken('key');
  await recordChange(inside, caller, { action: 'created', table: 'keys', objectId: result.key.hash, after: keyAuditView(result.key) });
  return { key: result.key, secret };
}

export interface SecretRules {
  readonly masterKey: string | undefined;
  readonly param: string;
}

/** Throws `conflict` for a secret that somebody has: a key, under any of its secrets, or the administrator. */
export async function requireFreeSecret(inside: Database, secret: string, { masterKey, param }: SecretRules): Promise<void> {
  if (secret === masterKey) throw new GatewayError('conflict', 'The master key can not be a virtual key.', { param });
  if (await isSecretTaken(inside, sha256Hex(secret))) throw keyTaken(param);
}

function keyTaken(param: string): GatewayError {
  return new GatewayError('conflict', 'This key exists.', { param });
}

export function aliasTaken(alias: string | null | undefined): GatewayError {
  return new GatewayError('conflict', `A key with alias ${alias} exists.`, { param: 'key_alias' });
}
