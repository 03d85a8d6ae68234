import { z } from 'zod';
import { USER_ROLES } from '#db';
import { email, metadata, name, names, page, pageSize, queryNames } from '../scopes/field-schemas.ts';
import { limitShape } from '../scopes/limit-schema.ts';
import { MEMBER_ROLES } from '../teams/team-fields.ts';

const MAX_USERS = 500;

/** A team by its id, or with the place in it. */
const place = z.union([
  name,
  z.object({ team_id: name, user_role: z.enum(MEMBER_ROLES).default('user'), max_budget_in_team: limitShape.max_budget }),
]);

export const userShape = {
  user_email: email.nullish(),
  user_alias: name.nullish(),
  user_role: z.enum(USER_ROLES).nullish(),
  sso_user_id: name.nullish(),
  models: names.nullish(),
  metadata: metadata.nullish(),
  blocked: z.boolean().nullish(),
  ...limitShape,
} as const;

/** Of a new user that gets a key at once: the key's. */
export const KEY_FIELDS = ['key_alias', 'duration', 'aliases', 'tags', 'allowed_routes', 'key'] as const;

export const newUserSchema = z.object({
  ...userShape,
  user_id: name.nullish(),
  teams: z.array(place).max(100).nullish(),
  organizations: names.nullish(),
  auto_create_key: z.boolean().nullish().describe('Unless false, the user gets a key at once'),
  key_alias: name.nullish(),
  duration: z.string().nullish(),
  aliases: z.record(name, name).nullish(),
  tags: names.nullish(),
  allowed_routes: z.array(z.string()).nullish(),
  key: z.string().nullish(),
});
export type NewUserInput = z.infer<typeof newUserSchema>;

/** By id or address. */
export const changedUserSchema = z.object({ ...userShape, user_id: name.nullish() });
export const bulkUsersSchema = z.object({
  users: z.array(z.record(z.string(), z.unknown())).min(1).max(MAX_USERS).nullish(),
  all_users: z.boolean().nullish(),
  user_updates: z.record(z.string(), z.unknown()).nullish(),
});
export const userIdsSchema = z.object({ user_ids: z.array(name).min(1).max(MAX_USERS) });
export const userIdSchema = z.object({ user_id: name });
export const userInfoSchema = z.object({ user_id: name.optional(), page, page_size: pageSize(50, 100) });

export const listUsersSchema = z.object({
  role: z.enum(USER_ROLES).optional(),
  user_ids: queryNames.optional(),
  user_email: z.string().max(256).optional(),
  search: z.string().max(256).optional(),
  team: name.optional(),
  page,
  page_size: pageSize(25, 100),
  sort_by: z.enum(['user_id', 'user_email', 'user_alias', 'created_at']).default('created_at'),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});

/** The rest of LiteLLM's fields for a user (its OpenAPI 1.96.0, `NewUserRequest`): refused when they say something. */
export const NOT_ENFORCED_USER_FIELDS: ReadonlySet<string> = new Set([
  'send_invite_email',
  'budget_fallbacks',
  'team_id',
  'agent_id',
  'project_id',
  'organization_id',
  'tpm_limit_type',
  'rpm_limit_type',
  'mcp_rpm_limit',
  'tag_rpm_limit',
  'config',
  'permissions',
  'allowed_cache_controls',
  'allowed_passthrough_routes',
  'enforced_params',
  'guardrails',
  'policies',
  'prompts',
  'disable_global_guardrails',
  'throttle_on_budget_exceeded',
  'budget_id',
  'object_permission',
  'router_settings',
  'access_group_ids',
  'password',
  'invitation_models',
]);
