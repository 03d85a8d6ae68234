import { isRecord, type JsonRecord } from '../json/record.ts';
import { camelCase } from './camel-case.ts';

/** Members that hold a schema, a list of schemas, or schemas by name. */
const ONE: ReadonlySet<string> = new Set(['items']);
const LIST: ReadonlySet<string> = new Set(['anyOf', 'prefixItems', 'oneOf', 'allOf']);
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs']);
/** 64-bit numbers are text in Google's JSON. */
const COUNTS: ReadonlySet<string> = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

/**
 * Google's `Schema`, a subset of OpenAPI 3.0 (https://ai.google.dev/api/caching#Schema), as JSON schema: types in lower case,
 * `nullable` as a type, counts as numbers. `propertyOrdering` says only how Gemini should write, and goes.
 */
export function decodeSchema(schema: JsonRecord): JsonRecord {
  const decoded: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    const name = camelCase(key);
    if (name === 'propertyOrdering' || name === 'nullable') continue;
    decoded[name] = decodeMember(name, value);
  }
  if (decoded['type'] === 'type_unspecified') delete decoded['type'];
  return schema['nullable'] === true ? nullable(decoded) : decoded;
}

function decodeMember(name: string, value: unknown): unknown {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase();
  if (ONE.has(name) && isRecord(value)) return decodeSchema(value);
  if (LIST.has(name) && Array.isArray(value)) return value.map((item: unknown) => (isRecord(item) ? decodeSchema(item) : item));
  if (BY_NAME.has(name) && isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, isRecord(item) ? decodeSchema(item) : item]));
  }
  return COUNTS.has(name) && typeof value === 'string' ? Number(value) : value;
}

function nullable(schema: Record<string, unknown>): JsonRecord {
  const { type } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'];
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...(values as readonly unknown[]), null] } : {}) };
}
