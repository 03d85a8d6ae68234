import { LRUCache } from 'lru-cache';
import type { SchemaRule } from '#config';
import { compileSchema } from '#schemas';

/** The schema that a request asks its answer to have. */
export type SchemaSource = Readonly<Record<string, unknown>>;

const MAX_ANSWER_CHARS = 1024 * 1024;
const MAX_TOLD = 300;

const compiled = new LRUCache<string, { readonly validate: ReturnType<typeof compileSchema> }>({ max: 200 });

/** What is wrong with an answer, as a model can be told; undefined where nothing is, or nothing can be known. */
export function schemaFault(text: string | undefined, rule: SchemaRule, asked: SchemaSource | undefined): string | undefined {
  const schema = rule.schema ?? asked;
  if (schema === undefined || text === undefined) return undefined;
  if (text.length > MAX_ANSWER_CHARS) return 'The answer is too long to be checked.';
  const validate = compile(schema);
  if (validate === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'The answer is not JSON.';
  }
  if (validate(value)) return undefined;
  const faults = (validate.errors ?? [])
    .slice(0, 5)
    .map(({ instancePath, message }) => `${instancePath === '' ? 'The answer' : instancePath} ${message ?? 'is wrong'}`);
  return faults.join('; ').slice(0, MAX_TOLD);
}

/** Undefined for what is no schema, or too large for one. */
function compile(schema: SchemaSource): ReturnType<typeof compileSchema> {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known !== undefined) return known.validate;
  const made = { validate: compileSchema(schema) };
  compiled.set(text, made);
  return made.validate;
}

/** Where the formats have it: OpenAI's chat and responses, Anthropic's, Google's. */
export function schemaOfRequest(fields: Readonly<Record<string, unknown>>): SchemaSource | undefined {
  const at = (...path: string[]): unknown => path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), fields);
  const found = [
    at('response_format', 'json_schema', 'schema'),
    at('text', 'format', 'schema'),
    at('output_config', 'format', 'schema'),
    at('output_format', 'schema'),
    at('generationConfig', 'responseJsonSchema'),
  ].find(isRecord);
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
