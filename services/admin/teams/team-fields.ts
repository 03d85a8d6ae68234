import { z } from 'zod';
import { aliases, email, metadata, name, names, page, pageSize, queryNames, teamId } from '../scopes/field-schemas.ts';
import { cacheShape } from '../scopes/cache-fields.ts';
import { guardrailShape } from '../scopes/guardrail-fields.ts';
import { limitShape } from '../scopes/limit-schema.ts';

export const MEMBER_ROLES = ['admin', 'user'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];
const role = z.enum(MEMBER_ROLES);
const MAX_MEMBERS = 500;

/** A user, by its id or its address. */
export const memberSchema = z.object({ role: role.default('user'), user_id: name.nullish(), user_email: email.nullish() });

/** Routes for keys of the team that its members may be allowed to call, as LiteLLM names them. */
export const MEMBER_PERMISSIONS = [
  '/key/info',
  '/key/health',
  '/key/list',
  '/key/generate',
  '/key/service-account/generate',
  '/key/update',
  '/key/delete',
  '/key/regenerate',
  '/key/block',
  '/key/unblock',
  '/team/daily/activity',
] as const;
export const DEFAULT_MEMBER_PERMISSIONS = ['/key/info', '/key/health'] as const;
const permissions = z.array(z.enum(MEMBER_PERMISSIONS));

const { budget_limits, max_budget, budget_duration, rpm_limit, tpm_limit } = limitShape;

/** What a team says of its members, kept in `details`. */
export const memberDefaultsShape = {
  team_member_permissions: permissions.nullish(),
  default_team_member_models: names.nullish(),
  team_member_budget: max_budget,
  team_member_budget_duration: budget_duration,
  team_member_rpm_limit: rpm_limit,
  team_member_tpm_limit: tpm_limit,
} as const;

export const teamShape = {
  team_alias: name.nullish(),
  organization_id: name.nullish(),
  models: names.nullish(),
  model_aliases: aliases.nullish(),
  metadata: metadata.nullish(),
  tags: names.nullish(),
  blocked: z.boolean().nullish(),
  ...guardrailShape,
  ...cacheShape,
  ...limitShape,
  budget_limits,
  ...memberDefaultsShape,
} as const;

export const newTeamSchema = z.object({
  ...teamShape,
  team_id: teamId.nullish(),
  members_with_roles: z.array(memberSchema).max(MAX_MEMBERS).nullish(),
  admins: names.nullish().describe('Older form of members_with_roles'),
  members: names.nullish().describe('Older form of members_with_roles'),
});
export type NewTeamInput = z.infer<typeof newTeamSchema>;

export const changedTeamSchema = z.object({ ...teamShape, team_id: name });
export type ChangedTeamInput = z.infer<typeof changedTeamSchema>;

/** The rest of LiteLLM's fields for a team (its OpenAPI 1.96.0, `NewTeamRequest`): refused when they say something. */
export const NOT_ENFORCED_TEAM_FIELDS: ReadonlySet<string> = new Set([
  'router_settings',
  'access_group_ids',
  'policies',
  'prompts',
  'object_permission',
  'allowed_passthrough_routes',
  'secret_manager_settings',
  'mcp_rpm_limit',
  'rpm_limit_type',
  'tpm_limit_type',
  'team_member_key_duration',
  'allowed_vector_store_indexes',
  'enforced_batch_output_expires_after',
  'enforced_file_expires_after',
]);

export const teamIdSchema = z.object({ team_id: name });
export const teamIdsSchema = z.object({ team_ids: z.array(name).min(1).max(100) });
export const teamModelsSchema = z.object({ team_id: name, models: names.min(1) });
export const permissionsSchema = z.object({ team_id: name, team_member_permissions: permissions });
export const bulkPermissionsSchema = z.object({ permissions, team_ids: names.nullish(), apply_to_all_teams: z.boolean().nullish() });

/** What is set for one member beside what the team sets for all. */
const memberLimits = {
  max_budget_in_team: max_budget,
  budget_duration,
  tpm_limit,
  rpm_limit,
  allowed_models: names.nullish(),
  budget_id: name.nullish(),
} as const;

export const memberAddSchema = z.object({
  team_id: name,
  member: z.union([memberSchema, z.array(memberSchema).min(1).max(MAX_MEMBERS)]),
  ...memberLimits,
});
export const bulkMemberAddSchema = z.object({
  team_id: name,
  members: z.array(memberSchema).min(1).max(MAX_MEMBERS).nullish(),
  all_users: z.boolean().nullish(),
  ...memberLimits,
});
const oneMember = { team_id: name, user_id: name.nullish(), user_email: email.nullish() } as const;
export const memberUpdateSchema = z.object({ ...oneMember, role: role.nullish(), ...memberLimits });
export const memberDeleteSchema = z.object(oneMember);
export type MemberLimitsInput = Pick<z.infer<typeof memberUpdateSchema>, keyof typeof memberLimits>;

export const teamInfoSchema = z.object({ team_id: name, key_limit: z.coerce.number().int().min(0).max(1_000).default(100) });
export const listTeamsSchema = z.object({ user_id: name.optional(), organization_id: name.optional() });
export const pageOfTeamsSchema = z.object({
  ...listTeamsSchema.shape,
  team_id: name.optional(),
  team_alias: name.optional(),
  team_ids: queryNames.optional(),
  search: z.string().max(256).optional(),
  page,
  page_size: pageSize(10, 100),
  sort_by: z.enum(['team_id', 'team_alias', 'created_at']).default('created_at'),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});
