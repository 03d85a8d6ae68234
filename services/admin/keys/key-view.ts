import { endOfSecret, type VirtualKey } from '#db';
import { cacheControlsOf } from '../scopes/cache-fields.ts';
import { budgetTableView, limitView } from '../scopes/scope-view.ts';

export interface KeyShown {
  /** Spend of its present budget period, or of all its life. */
  readonly spendUsd?: string | undefined;
  readonly now?: Date | undefined;
}

/** A key as LiteLLM's management API shows it, without `token`. */
export function keyInfoView(key: VirtualKey, { spendUsd = '0', now = new Date() }: KeyShown = {}) {
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
    organization_id: key.organizationId,
    budget_id: key.budgetId,
    metadata: key.metadata,
    tags: key.tags,
    blocked: key.blocked,
    status: statusOf(key, now),
    permissions: {},
    ...limitView(key.limitFields, key.limits, now),
    budget_fallbacks: key.budgetFallbacks,
    key_type: key.keyType,
    allowed_routes: key.allowedRoutes,
    allowed_cache_controls: cacheControlsOf(key.metadata).cacheControls ?? [],
    enforced_params: key.enforcedParams,
    auto_rotate: key.autoRotate,
    rotation_interval: key.rotationInterval,
    key_rotation_at: key.rotateAt?.toISOString() ?? null,
    last_rotation_at: key.rotatedAt?.toISOString() ?? null,
    rotation_count: key.rotationCount,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    updated_at: key.updatedAt.toISOString(),
    updated_by: key.updatedBy,
    deleted_at: key.deletedAt?.toISOString() ?? null,
    litellm_budget_table: budgetTableView(key.budgetId, key.limitFields, key.limits, now),
  };
}

function statusOf({ deletedAt, blocked, expiresAt }: VirtualKey, now: Date): string {
  if (deletedAt !== null) return 'deleted';
  if (blocked) return 'blocked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

/** The answer to a new key or secret: the only place where it is shown itself. */
export function newKeyView(key: VirtualKey, secret: string, shown: KeyShown = {}) {
  return { key: secret, token: key.hash, token_id: key.hash, ...keyInfoView(key, shown) };
}

/** A key with its hash, as lists and changes show it. */
export function keyRowView(key: VirtualKey, shown: KeyShown = {}) {
  return { token: key.hash, ...keyInfoView(key, shown) };
}

/** What the audit log keeps of a key: what people set, and nothing of its secrets. */
export function keyAuditView(key: VirtualKey): Record<string, unknown> {
  const told = Object.entries(key).filter(([name]) => !UNTOLD.has(name));
  const previousWorksUntil = key.previousSecretHash === null ? null : (endOfSecret(key, key.previousSecretHash) ?? null);
  return { ...Object.fromEntries(told), previousWorksUntil };
}

const UNTOLD: ReadonlySet<string> = new Set([
  'hash',
  'secretHash',
  'previousSecretHash',
  'retiredSecrets',
  'revision',
  'publishedRevision',
]);
