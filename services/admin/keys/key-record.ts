import { isStreamFailurePolicy, type KeyRecord } from '#contracts';
import { endOfSecret, type VirtualKey } from '#db';
import { cacheControlsOf } from '../scopes/cache-fields.ts';
import { guardrailsOf } from '../scopes/guardrail-fields.ts';
import type { KeysSink } from '../resources.ts';

/** What admission needs of a key. LiteLLM clients put request tags into `metadata.tags` as well as into `tags`. */
export function toKeyRecord(key: VirtualKey): KeyRecord {
  const more: unknown = key.metadata['tags'];
  const onFailure: unknown = key.metadata['headrace_stream_on_failure'];
  const tags = new Set([...key.tags, ...(Array.isArray(more) ? more.filter((tag) => typeof tag === 'string') : [])]);
  return {
    v: 1,
    hash: key.hash,
    masked: key.masked,
    alias: key.alias ?? undefined,
    teamId: key.teamId ?? undefined,
    userId: key.userId ?? undefined,
    organizationId: key.organizationId ?? undefined,
    models: key.models,
    aliases: unlessEmpty(key.aliases),
    expiresAt: key.expiresAt?.getTime(),
    blocked: key.blocked,
    tags: tags.size > 0 ? [...tags] : undefined,
    streamOnFailure: isStreamFailurePolicy(onFailure) ? onFailure : undefined,
    keepsNoPrompts: key.metadata['turn_off_message_logging'] === true ? true : undefined,
    ...guardrailsOf(key.metadata),
    ...cacheControlsOf(key.metadata),
    mayModifyGuardrails: key.metadata['allow_modify_guardrails'] === true ? true : undefined,
    limits: key.limits ?? undefined,
    budgetFallbacks: unlessEmpty(key.budgetFallbacks),
    allowedRoutes: key.allowedRoutes.length > 0 ? key.allowedRoutes : undefined,
    enforcedParams: key.enforcedParams.length > 0 ? key.enforcedParams : undefined,
  };
}

function unlessEmpty<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined;
}

/**
 * Brings a key to the bucket: one entry for the hash it is known by, whether that is still of a secret that works or not, since admission finds
 * its limits there; one for each secret that it has had since and that works. Secrets that do not are taken out.
 */
export async function sendKey(hash: string, key: VirtualKey | undefined, sink: KeysSink): Promise<void> {
  if (key === undefined) return sink.delete(hash);
  const secrets = [key.secretHash, key.previousSecretHash].flatMap((secret) => (secret === null || secret === hash ? [] : [secret]));
  if (key.deletedAt !== null) {
    for (const entry of [hash, ...secrets, ...key.retiredSecrets]) await sink.delete(entry);
    return;
  }
  const record = toKeyRecord(key);
  for (const entry of [hash, ...secrets]) {
    const secretUntil = endOfSecret(key, entry)?.getTime();
    await sink.put(secretUntil === undefined ? record : { ...record, secretUntil }, entry);
  }
  for (const entry of key.retiredSecrets) if (entry !== hash && !secrets.includes(entry)) await sink.delete(entry);
}
