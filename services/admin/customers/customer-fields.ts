import { z } from 'zod';
import { metadata, name, names } from '../scopes/field-schemas.ts';
import { limitShape } from '../scopes/limit-schema.ts';

const customerShape = {
  alias: name.nullish(),
  blocked: z.boolean().nullish(),
  budget_id: name.nullish(),
  default_model: name.nullish().describe('Serves what the end user asks for and may not use'),
  models: names.nullish(),
  metadata: metadata.nullish(),
  ...limitShape,
} as const;

export const newCustomerSchema = z.object({
  ...customerShape,
  user_id: name,
  spend: z.literal(0, 'an end user starts with a spend of 0').nullish(),
});
export const changedCustomerSchema = z.object({ ...customerShape, user_id: name });
export const customerIdsSchema = z.object({ user_ids: z.array(name).min(1).max(500) });
export const customerInfoSchema = z.object({ end_user_id: name });

/** The rest of LiteLLM's fields for an end user: refused when they say something. */
export const NOT_ENFORCED_CUSTOMER_FIELDS: ReadonlySet<string> = new Set(['allowed_model_region', 'object_permission', 'permissions']);
