import { isStreamFailurePolicy, type KeyRecord } from '#contracts';
import type { VirtualKey } from '#db';

/** A key as LiteLLM's management API shows it, without `token`; limits that do not exist here yet are null. */
export function keyInfoView(key: VirtualKey, spendUsd: string) {
  return {
    key_name: key.masked,
    key_alias: key.alias,
    spend: Number(spendUsd),
    spend_usd: spendUsd,
    expires: key.expiresAt?.toISOString() ?? null,
    models: key.models,
    aliases: key.aliases,
    config: {},
    user_id: key.userId,
    team_id: key.teamId,
    metadata: key.metadata,
    tags: key.tags,
    blocked: key.blocked,
    status: key.deletedAt === null ? (key.blocked ? 'blocked' : 'active') : 'deleted',
    permissions: {},
    max_budget: null,
    soft_budget: null,
    budget_duration: null,
    budget_reset_at: null,
    model_max_budget: {},
    max_parallel_requests: null,
    tpm_limit: null,
    rpm_limit: null,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    updated_at: key.updatedAt.toISOString(),
    updated_by: key.updatedBy,
    deleted_at: key.deletedAt?.toISOString() ?? null,
  };
}

/** The answer to a new key: the only place where the key itself is shown. */
export function newKeyView(key: VirtualKey, secret: string) {
  return { key: secret, token: key.hash, token_id: key.hash, ...keyInfoView(key, '0'), litellm_budget_table: null };
}

/** A key with its hash, as lists and changes show it. */
export function keyRowView(key: VirtualKey, spendUsd: string) {
  return { token: key.hash, ...keyInfoView(key, spendUsd) };
}

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
    models: key.models,
    aliases: Object.keys(key.aliases).length > 0 ? key.aliases : undefined,
    expiresAt: key.expiresAt?.getTime(),
    blocked: key.blocked,
    tags: tags.size > 0 ? [...tags] : undefined,
    streamOnFailure: isStreamFailurePolicy(onFailure) ? onFailure : undefined,
  };
}
