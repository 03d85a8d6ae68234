import type { z } from 'zod';
import type { cacheShape } from './cache-fields.ts';
import type { guardrailShape } from './guardrail-fields.ts';

type Metadata = Readonly<Record<string, unknown>>;

/** Fields of a key or team that LiteLLM keeps in `metadata`, and so do we. */
type FieldsInMetadata = z.infer<z.ZodObject<typeof guardrailShape & typeof cacheShape>>;

const NAMES = ['guardrails', 'disable_global_guardrails', 'allowed_cache_controls'] as const satisfies readonly (keyof FieldsInMetadata)[];

/** The metadata to store: undefined where nothing of it was said. What is said apart from it goes into it; null takes it out. */
export function saidMetadata(
  input: Partial<FieldsInMetadata> & { readonly metadata?: Metadata | null | undefined },
  before: Metadata = {},
): Record<string, unknown> | undefined {
  const own = input.metadata === null ? {} : input.metadata;
  if (NAMES.every((name) => input[name] === undefined)) return own === undefined ? undefined : { ...own };
  const said: Record<string, unknown> = { ...(own ?? before) };
  for (const name of NAMES) if (input[name] !== undefined) said[name] = input[name] ?? undefined;
  return said;
}
