import { GatewayError } from '#contracts';
import type { Database, KeyChange, VirtualKey } from '#db';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { alterAndPublish } from './alter-key.ts';
import { derivedSecret } from './derived-secret.ts';
import { addDuration } from './duration.ts';
import { requireKey, withTeamsOrganization } from './find-key.ts';
import { requireFreeSecret } from './generate-key.ts';
import { NOT_ENFORCED_KEY_FIELDS, regenerateKeySchema } from './key-fields.ts';
import { requireKeyRight } from './key-rights.ts';
import { maskSecret, newKeySecret, sha256Hex } from './key-secret.ts';
import { refuseDuration } from './key-settings.ts';
import { shownKey } from './key-spend.ts';
import { newKeyView } from './key-view.ts';
import { updatedSettings } from './update-key.ts';

/**
 * `POST /key/regenerate` and `/key/{key}/regenerate`: another secret for the same key, which keeps its name, its spend and its limits. The one
 * until now works for `grace_period` longer, or not at all. Fields of the key may be changed with it.
 */
export async function regenerateKey(body: unknown, named: string | undefined, caller: Caller, resources: AdminResources) {
  const {
    key: inBody,
    new_key: chosen,
    grace_period: grace,
    ...input
  } = parseInput(body, {
    schema: regenerateKeySchema,
    notEnforced: NOT_ENFORCED_KEY_FIELDS,
    place: 'body',
  });
  const asked = named ?? inBody;
  if (asked == null) throw new GatewayError('invalid_request', 'key: name the key, as it is or by its hash.', { param: 'key' });
  const { hash } = await requireKey(resources.db, asked);
  const now = resources.now();
  const graceUntil = grace == null ? undefined : (addDuration(now, grace) ?? refuseDuration('grace_period'));
  const secret = chosen ?? newKeySecret(resources.randomBytes);
  const change = async (inside: Database, key: VirtualKey): Promise<KeyChange> => {
    requireKeyRight(caller, await withTeamsOrganization(inside, caller, key), '/key/regenerate');
    await requireFreeSecret(inside, secret, { masterKey: resources.masterKey, param: 'new_key' });
    const settings = isEmpty(input) ? {} : await updatedSettings(inside, key, { input, caller, resources });
    return { ...settings, ...withSecret({ ...key, ...settings }, { secret, graceUntil, now }) };
  };
  const key = await alterAndPublish(hash, { caller, action: 'rotated', change }, resources);
  return newKeyView(key, secret, await shownKey(key, resources));
}

function isEmpty(input: object): boolean {
  return Object.values(input).every((value) => value === undefined);
}

export interface NewSecret {
  readonly secret: string;
  /** Until when the secret until now works too. */
  readonly graceUntil: Date | undefined;
  readonly now: Date;
}

/** A key with another secret. What does not work any more is noted, to be taken out of the bucket. */
export function withSecret(key: VirtualKey, { secret, graceUntil, now }: NewSecret): KeyChange {
  const current = key.secretHash ?? key.hash;
  const over = [key.previousSecretHash, graceUntil === undefined ? current : null];
  return {
    masked: maskSecret(secret),
    secretHash: sha256Hex(secret),
    previousSecretHash: graceUntil === undefined ? null : current,
    previousSecretUntil: graceUntil ?? null,
    // the entry under the key's own name stays: admission finds its limits there
    retiredSecrets: [...key.retiredSecrets, ...over.flatMap((hash) => (hash === null || hash === key.hash ? [] : [hash]))],
    rotatedAt: now,
    rotationCount: key.rotationCount + 1,
    rotateAt: key.autoRotate && key.rotationInterval !== null ? (addDuration(now, key.rotationInterval) ?? null) : null,
  };
}

/**
 * `POST /key/rotated`: to whoever still has the secret that a key had before the gateway rotated it by itself, while that works: the one it has
 * now. Throws `conflict` when there is none to be told.
 */
export async function rotatedKey(caller: Caller, resources: AdminResources) {
  const { masterKey } = resources;
  const key = caller.kind === 'key' ? caller.key : undefined;
  const secret =
    key === undefined || masterKey === undefined ? undefined : derivedSecret(masterKey, { hash: key.hash, rotation: key.rotationCount });
  if (key === undefined || secret === undefined || sha256Hex(secret) !== key.secretHash) {
    throw new GatewayError(
      'conflict',
      'This key was not rotated by the gateway: its secret is known to whoever has regenerated it, and to nobody else.',
    );
  }
  return {
    ...newKeyView(key, secret, await shownKey(key, resources)),
    previous_key_works_until: key.previousSecretUntil?.toISOString() ?? null,
  };
}
