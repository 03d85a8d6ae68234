import { z } from 'zod';
import type { NameFilter } from '#db';
import { toKeyHash } from '../keys/key-secret.ts';

/** Names as clients send them: one, several with commas between, or the field several times. */
export const namesField = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    [value]
      .flat()
      .flatMap((text) => text.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .refine((names) => names.length > 0 && names.length <= MAX_NAMES, { error: `give 1 to ${String(1_000)} names` })
  .optional();
const MAX_NAMES = 1_000;

/** A name that may hold a comma. */
export const nameField = z.string().min(1).optional();

export const rangeFields = {
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  /** IANA name, or minutes behind UTC. */
  timezone: z.string().optional(),
};

export const formatField = z.enum(['json', 'csv'], { error: 'give json or csv' }).optional();

export function countField(most: number, usual: number) {
  return z.coerce
    .number({ error: `give a number from 1 to ${most}` })
    .int()
    .min(1)
    .max(most)
    .default(usual);
}

/** Whose spend: the same fields in all reports, LiteLLM's other names for them included. */
export const whoseFields = {
  api_key: nameField,
  team_id: nameField,
  user_id: nameField,
  internal_user_id: nameField,
  organization_id: nameField,
  end_user: nameField,
  customer_id: nameField,
  agent_id: nameField,
  tag: nameField,
  tags: namesField,
  model: nameField,
  model_group: nameField,
  provider: nameField,
};

type Whose = Readonly<Partial<Record<keyof typeof whoseFields, string | readonly string[] | undefined>>>;

export function toNameFilter(asked: Whose): NameFilter {
  const keys = listOf(asked.api_key);
  return {
    keyHashes: keys?.map(toKeyHash),
    teamIds: listOf(asked.team_id),
    userIds: listOf(asked.user_id ?? asked.internal_user_id),
    organizationIds: listOf(asked.organization_id),
    endUsers: listOf(asked.end_user ?? asked.customer_id),
    agents: listOf(asked.agent_id),
    tags: listOf(asked.tags ?? asked.tag),
    models: listOf(asked.model),
    modelGroups: listOf(asked.model_group),
    providers: listOf(asked.provider),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}
