import { z } from 'zod';
import { secretProblem } from './key-secret.ts';

const MAX_NAME_CHARS = 256;
const MAX_LIST = 1_000;

const name = z.string().trim().min(1, 'must not be empty').max(MAX_NAME_CHARS);
const names = z.array(name).max(MAX_LIST);

/** LiteLLM's special model lists that need teams: refused rather than understood as a model of that name. */
const TEAM_MODELS = 'all-team-models';

/** The fields of `POST /key/generate` that have their effect, named as LiteLLM names them. */
export const generateKeySchema = z.object({
  key: z
    .string()
    .nullish()
    .check((context) => {
      const problem = context.value == null ? undefined : secretProblem(context.value);
      if (problem !== undefined) context.issues.push({ code: 'custom', message: problem, input: context.value });
    }),
  key_alias: name.nullish(),
  duration: z.string().nullish(),
  models: names.refine((models) => !models.includes(TEAM_MODELS), `${TEAM_MODELS} is not supported yet`).nullish(),
  user_id: name.nullish(),
  team_id: name.nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  tags: names.nullish(),
  aliases: z.record(name, name).nullish(),
  blocked: z.boolean().nullish(),
  key_type: z.literal('default', 'only default is supported').nullish(),
  spend: z.literal(0, 'a key starts with a spend of 0').nullish(),
});

/** The rest of LiteLLM's fields for a key (its OpenAPI 1.96.0, `KeyRequestBase` and `GenerateKeyRequest`). */
export const NOT_ENFORCED_KEY_FIELDS: ReadonlySet<string> = new Set([
  'max_budget',
  'soft_budget',
  'budget_duration',
  'budget_limits',
  'budget_id',
  'budget_fallbacks',
  'model_max_budget',
  'throttle_on_budget_exceeded',
  'max_parallel_requests',
  'tpm_limit',
  'rpm_limit',
  'tpm_limit_type',
  'rpm_limit_type',
  'model_rpm_limit',
  'model_tpm_limit',
  'mcp_rpm_limit',
  'tag_rpm_limit',
  'agent_id',
  'organization_id',
  'project_id',
  'config',
  'permissions',
  'object_permission',
  'access_group_ids',
  'allowed_cache_controls',
  'allowed_routes',
  'allowed_passthrough_routes',
  'enforced_params',
  'guardrails',
  'disable_global_guardrails',
  'policies',
  'prompts',
  'router_settings',
  'send_invite_email',
  'auto_rotate',
  'rotation_interval',
]);
