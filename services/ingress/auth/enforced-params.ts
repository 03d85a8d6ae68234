import { GatewayError } from '#contracts';
import type { Principal } from './authenticate.ts';

/** Throws 400 `invalid_request` naming the first field that the key's requests must have and this one lacks; `metadata.team` is a path. */
export function requireParams(principal: Principal, fields: Readonly<Record<string, unknown>>): void {
  const required = principal.kind === 'key' ? principal.record.enforcedParams : undefined;
  const missing = required?.find((path) => isMissing(fields, path));
  if (missing === undefined) return;
  throw new GatewayError('invalid_request', `Requests with this key must have the field '${missing}'.`, { param: missing });
}

function isMissing(fields: Readonly<Record<string, unknown>>, path: string): boolean {
  let value: unknown = fields;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return true;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value === undefined || value === null || value === '';
}
