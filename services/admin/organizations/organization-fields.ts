import { z } from 'zod';
import { email, metadata, name, names } from '../scopes/field-schemas.ts';
import { limitShape } from '../scopes/limit-schema.ts';

const ORGANIZATION_ROLES = ['org_admin', 'internal_user', 'internal_user_viewer'] as const;
const role = z.enum(ORGANIZATION_ROLES);
const MAX_MEMBERS = 500;

const organizationShape = {
  organization_alias: name.nullish(),
  models: names.nullish(),
  metadata: metadata.nullish(),
  tags: names.nullish(),
  budget_id: name.nullish(),
  blocked: z.boolean().nullish(),
  ...limitShape,
} as const;

export const newOrganizationSchema = z.object({ ...organizationShape, organization_alias: name, organization_id: name.nullish() });
export const changedOrganizationSchema = z.object({ ...organizationShape, organization_id: name });
export const organizationIdSchema = z.object({ organization_id: name });
export const organizationIdsSchema = z.object({ organization_ids: z.array(name).min(1).max(100) });
export const organizationInfosSchema = z.object({ organizations: z.array(name).min(1).max(100) });
export const listOrganizationsSchema = z.object({ org_id: name.optional(), org_alias: z.string().max(256).optional() });

const memberSchema = z.object({ role: role.default('internal_user'), user_id: name.nullish(), user_email: email.nullish() });
export type OrganizationMemberInput = z.infer<typeof memberSchema>;
export const memberAddSchema = z.object({
  organization_id: name,
  member: z.union([memberSchema, z.array(memberSchema).min(1).max(MAX_MEMBERS)]),
});
const oneMember = { organization_id: name, user_id: name.nullish(), user_email: email.nullish() } as const;
export const memberUpdateSchema = z.object({ ...oneMember, role });
export const memberDeleteSchema = z.object(oneMember);

/** A budget for one member across an organization's teams: set it on the user, or on its place in a team. */
export const NOT_ENFORCED_MEMBER_FIELDS: ReadonlySet<string> = new Set(['max_budget_in_organization']);
export const NOT_ENFORCED_ORGANIZATION_FIELDS: ReadonlySet<string> = new Set(['object_permission', 'allowed_models', 'updated_by']);
