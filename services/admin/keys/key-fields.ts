import { z } from 'zod';
import { ROUTE_GROUPS } from '#contracts';
import { cacheShape } from '../scopes/cache-fields.ts';
import { guardrailShape } from '../scopes/guardrail-fields.ts';
import { limitShape } from '../scopes/limit-schema.ts';
import { aliases, metadata, name, names } from '../scopes/field-schemas.ts';
import { secretProblem } from './key-secret.ts';

const MAX_LIST = 1_000;

/** What a key is for, and which of LiteLLM's groups of routes that means. */
export const KEY_TYPES = {
  default: [],
  llm_api: ['llm_api_routes'],
  management: ['management_routes'],
  read_only: ['info_routes'],
} as const;

const route = z
  .string()
  .trim()
  .refine(
    (entry) => entry.startsWith('/') || ROUTE_GROUPS.includes(entry),
    `give a path like /v1/embeddings or /v1/files/*, or one of ${ROUTE_GROUPS.join(', ')}`,
  );

const duration = z.string().max(20);

/** What may be set on a key, by LiteLLM's names, now and later. */
export const keyShape = {
  key_alias: name.nullish(),
  duration: duration.nullish().describe('How long it lives from now: 30s, 30m, 30h, 30d, 2w, 1mo; null or -1: for ever'),
  models: names.nullish().describe('Model names, provider/* wildcards, access groups, all-team-models; empty: all'),
  user_id: name.nullish(),
  team_id: name.nullish(),
  organization_id: name.nullish(),
  budget_id: name.nullish().describe('A shared budget: its limits count where the key has none of its own'),
  metadata: metadata.nullish(),
  tags: names.nullish(),
  aliases: aliases.nullish().describe('Names of its own for models: {"fast": "agent-executor"}'),
  blocked: z.boolean().nullish(),
  allowed_routes: z.array(route).max(MAX_LIST).nullish(),
  enforced_params: names.nullish().describe('Fields that its requests must have: user, metadata.session'),
  budget_fallbacks: z.record(name, names).nullish().describe('Cheaper models that serve instead when its budget is used up'),
  ...guardrailShape,
  ...cacheShape,
  ...limitShape,
} as const;

const secret = z
  .string()
  .nullish()
  .check((context) => {
    const problem = context.value == null ? undefined : secretProblem(context.value);
    if (problem !== undefined) context.issues.push({ code: 'custom', message: problem, input: context.value });
  });

const rotation = {
  auto_rotate: z.boolean().nullish(),
  rotation_interval: duration.nullish().describe('30d: a new secret that often; the one before works for a tenth of it'),
} as const;

export const generateKeySchema = z.object({
  ...keyShape,
  ...rotation,
  key: secret.describe('A key of your own choice'),
  key_type: z.enum(['default', 'llm_api', 'management', 'read_only']).nullish(),
  spend: z.literal(0, 'a key starts with a spend of 0').nullish(),
});
export type GenerateKeyInput = z.infer<typeof generateKeySchema>;

const someKey = z.string().min(1, 'name the key, as it is or by its hash');

export const updateKeySchema = z.object({
  ...keyShape,
  ...rotation,
  key: someKey,
  key_type: generateKeySchema.shape.key_type,
  spend: z.literal(0, 'use /key/{key}/reset_spend').nullish(),
});
export type UpdateKeyInput = z.infer<typeof updateKeySchema>;

export const bulkUpdateSchema = z.object({
  keys: z.array(z.record(z.string(), z.unknown())).min(1).max(500),
});

export const teamBulkUpdateSchema = z.object({
  team_id: name,
  key_ids: z.array(someKey).max(500).nullish(),
  all_keys_in_team: z.boolean().nullish(),
  update_fields: z.record(z.string(), z.unknown()),
});

export const regenerateKeySchema = z.object({
  ...keyShape,
  ...rotation,
  key: z.string().min(1).nullish(),
  key_type: generateKeySchema.shape.key_type,
  new_key: secret,
  grace_period: duration.nullish().describe('How long the secret until now works beside the new one: 24h'),
});

/** The rest of LiteLLM's fields for a key (its OpenAPI 1.96.0, `KeyRequestBase` and `GenerateKeyRequest`): what has no effect here. */
export const NOT_ENFORCED_KEY_FIELDS: ReadonlySet<string> = new Set([
  'throttle_on_budget_exceeded',
  'tpm_limit_type',
  'rpm_limit_type',
  'mcp_rpm_limit',
  'tag_rpm_limit',
  'agent_id',
  'project_id',
  'config',
  'permissions',
  'object_permission',
  'access_group_ids',
  'allowed_passthrough_routes',
  'allowed_vector_store_indexes',
  'policies',
  'prompts',
  'router_settings',
  'send_invite_email',
  'new_master_key',
]);
