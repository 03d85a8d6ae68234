import type { ScopeRecord } from '#contracts';
import type { StoredScope } from '#db';
import { cacheControlsOf } from './cache-fields.ts';
import { guardrailsOf } from './guardrail-fields.ts';

/** What admission needs of a team, user and so on. What is empty is left out. */
export function toScopeRecord(stored: StoredScope): ScopeRecord {
  const { kind, id, blocked, models, aliases, tags, limits } = stored;
  const defaultModel: unknown = stored.details['default_model'];
  const more: Omit<ScopeRecord, 'v' | 'kind' | 'id'> = {
    alias: stored.alias ?? undefined,
    blocked: blocked || undefined,
    models: models.length > 0 ? models : undefined,
    aliases: Object.keys(aliases).length > 0 ? aliases : undefined,
    limits: limits ?? undefined,
    organizationId: stored.organizationId ?? undefined,
    tags: kind === 'team' && tags.length > 0 ? tags : undefined,
    ...(kind === 'team' ? { ...guardrailsOf(stored.metadata), ...cacheControlsOf(stored.metadata) } : {}),
    defaultModel: typeof defaultModel === 'string' ? defaultModel : undefined,
  };
  return { v: 1, kind, id, ...more };
}
