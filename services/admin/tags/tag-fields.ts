import { z } from 'zod';
import { name } from '../scopes/field-schemas.ts';
import { limitShape } from '../scopes/limit-schema.ts';

const tagShape = { description: z.string().max(2_000).nullish(), budget_id: name.nullish(), ...limitShape } as const;

export const newTagSchema = z.object({ ...tagShape, name });
export const changedTagSchema = z.object({ ...tagShape, name });
export const tagNameSchema = z.object({ name });
export const tagNamesSchema = z.object({ names: z.array(name).min(1).max(500) });

/** Which deployments serve a tag is said where they are: `litellm_params.tags`. */
export const NOT_ENFORCED_TAG_FIELDS: ReadonlySet<string> = new Set(['models', 'model_info']);
