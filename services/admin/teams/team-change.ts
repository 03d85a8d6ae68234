import type { ScopeChange, StoredScope } from '#db';
import type { CacheControlName } from '../scopes/cache-fields.ts';
import { saidMetadata } from '../scopes/said-metadata.ts';
import { mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { memberDefaultsShape, type teamShape } from './team-fields.ts';

type TeamInput = Readonly<Partial<Record<keyof typeof teamShape, unknown>>> & {
  readonly team_alias?: string | null | undefined;
  readonly organization_id?: string | null | undefined;
  readonly models?: string[] | null | undefined;
  readonly model_aliases?: Record<string, string> | null | undefined;
  readonly metadata?: Record<string, unknown> | null | undefined;
  readonly guardrails?: string[] | null | undefined;
  readonly disable_global_guardrails?: boolean | null | undefined;
  readonly allowed_cache_controls?: CacheControlName[] | null | undefined;
  readonly tags?: string[] | null | undefined;
  readonly blocked?: boolean | null | undefined;
};

/** The columns of what was said; null empties one. */
export function teamChange(input: TeamInput, before?: Pick<StoredScope, 'fields' | 'details' | 'metadata'>): ScopeChange {
  const details = Object.fromEntries(Object.entries(input).filter(([name]) => name in memberDefaultsShape));
  return {
    alias: input.team_alias,
    organizationId: input.organization_id,
    models: emptied(input.models, []),
    aliases: emptied(input.model_aliases, {}),
    metadata: saidMetadata(input, before?.metadata),
    tags: emptied(input.tags, []),
    blocked: input.blocked ?? undefined,
    fields: mergeFields(before?.fields ?? {}, saidLimits(input)),
    details: mergeFields(before?.details ?? {}, details),
  };
}

function emptied<T>(value: T | null | undefined, nothing: T): T | undefined {
  return value === null ? nothing : value;
}
