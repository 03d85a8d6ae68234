import { GatewayError } from '#contracts';
import { createVirtualKey, type NewVirtualKey } from '#db';
import type { z } from 'zod';
import { type Caller, callerName, requireMaster } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { addDuration } from './duration.ts';
import { generateKeySchema, NOT_ENFORCED_KEY_FIELDS } from './key-fields.ts';
import { maskSecret, newKeySecret, sha256Hex } from './key-secret.ts';
import { newKeyView } from './key-view.ts';

type GenerateKeyInput = z.infer<typeof generateKeySchema>;

/**
 * `POST /key/generate`. The key works as soon as it is in the bucket: before this answers, or, when NATS is away, as soon
 * as it is back. Throws `invalid_request`, `unsupported_parameter` or `conflict` (alias or key taken).
 */
export async function generateKey(body: unknown, caller: Caller, resources: AdminResources) {
  requireMaster(caller);
  const input = parseInput(body, { schema: generateKeySchema, notEnforced: NOT_ENFORCED_KEY_FIELDS, place: 'body' });
  const secret = input.key ?? newKeySecret(resources.randomBytes);
  if (secret === resources.masterKey) throw new GatewayError('conflict', 'The master key can not be a virtual key.', { param: 'key' });
  const result = await createVirtualKey(resources.db, toNewKey(input, { secret, createdBy: callerName(caller), now: resources.now() }));
  if (result.kind === 'alias-taken')
    throw new GatewayError('conflict', `A key with alias ${input.key_alias} exists.`, { param: 'key_alias' });
  if (result.kind === 'key-taken') throw new GatewayError('conflict', 'This key exists.', { param: 'key' });
  await resources.keys.publish(result.key.hash);
  return newKeyView(result.key, secret);
}

function toNewKey(input: GenerateKeyInput, { secret, createdBy, now }: { secret: string; createdBy: string; now: Date }): NewVirtualKey {
  return {
    hash: sha256Hex(secret),
    masked: maskSecret(secret),
    alias: input.key_alias ?? null,
    teamId: input.team_id ?? null,
    userId: input.user_id ?? null,
    models: input.models ?? [],
    aliases: input.aliases ?? {},
    metadata: input.metadata ?? {},
    tags: input.tags ?? [],
    expiresAt: expiryOf(input.duration, now),
    blocked: input.blocked ?? false,
    createdBy,
  };
}

function expiryOf(duration: string | null | undefined, now: Date): Date | null {
  if (duration == null) return null;
  const expiresAt = addDuration(now, duration);
  if (expiresAt !== undefined) return expiresAt;
  throw new GatewayError('invalid_request', 'duration: give a time like 30s, 30m, 30h, 30d, 2w or 1mo.', { param: 'duration' });
}
