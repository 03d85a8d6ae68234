import { createRequire } from 'node:module';
import type * as AjvPackage from 'ajv';
import type { ValidateFunction } from 'ajv';
import type * as Re2 from 're2js';

const load = createRequire(import.meta.url);
/** 20 MB together, loaded with the first schema. */
const packages = () => ({ ...(load('ajv') as typeof AjvPackage), ...(load('re2js') as typeof Re2) });

const MAX_SCHEMA_CHARS = 64 * 1024;

/**
 * A JSON schema that came with a request, as a check. Its patterns run in linear time (RE2): no schema can keep the process busy. Undefined for what
 * is none, and above 64 KB of JSON.
 */
export function compileSchema(schema: Readonly<Record<string, unknown>>): ValidateFunction | undefined {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) return undefined;
  const { Ajv, RE2JS } = packages();
  const regExp = Object.assign(
    (pattern: string) => {
      const compiled = RE2JS.compile(pattern);
      return { test: (text: string) => compiled.test(text) };
    },
    { code: '' },
  );
  try {
    const { $schema: _draft, $id: _id, ...rest } = schema;
    return new Ajv({ strict: false, logger: false, validateFormats: false, code: { regExp } }).compile(rest);
  } catch {
    return undefined;
  }
}
