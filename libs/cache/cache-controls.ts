import { GatewayError } from '#contracts';

/** What a request says of the cache, in LiteLLM's words (https://docs.litellm.ai/docs/proxy/caching). */
export interface CacheControls {
  /** Its answer may come from the cache. */
  readonly mayRead: boolean;
  /** Its answer may be kept. */
  readonly mayStore: boolean;
  readonly ttlMs: number | undefined;
  /** Older answers are not taken. */
  readonly maxAgeMs: number | undefined;
  readonly namespace: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the field `cache` of a request may have. */
export const CACHE_CONTROLS = ['ttl', 's-maxage', 's-max-age', 'no-cache', 'no-store', 'namespace', 'use-cache'] as const;
const KNOWN: ReadonlySet<string> = new Set(CACHE_CONTROLS);
const LONGEST_NAMESPACE = 256;

/**
 * Reads the fields `cache` and `caching`; undefined for a request that has nothing to do with the cache: `caching: false`, or `default_off`
 * without a `use-cache`. Throws `invalid_request` that names the field.
 */
export function readCacheControls(fields: Fields, byDefault: boolean): CacheControls | undefined {
  const { cache, caching } = fields;
  if (cache === undefined || cache === null) {
    const isOn = caching === undefined || caching === null ? byDefault : flag(caching, 'caching');
    return isOn ? PLAIN : undefined;
  }
  if (!isRecord(cache)) throw wrong('cache', 'must be an object, for example {"no-cache": true}');
  const unknown = Object.keys(cache).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw wrong(`cache.${unknown.slice(0, 64)}`, `is no cache control; known are ${[...KNOWN].join(', ')}`);
  if (!isWanted(cache, caching, byDefault)) return undefined;
  return {
    mayRead: !flag(cache['no-cache'] ?? false, 'cache.no-cache'),
    mayStore: !flag(cache['no-store'] ?? false, 'cache.no-store'),
    ttlMs: seconds(cache['ttl'], 'cache.ttl'),
    maxAgeMs: seconds(cache['s-maxage'] ?? cache['s-max-age'], 'cache.s-maxage'),
    namespace: namespaceOf(cache['namespace']),
  };
}

/**
 * Refuses what the caller may not say of the cache (LiteLLM's `allowed_cache_controls` of its key and its team). Throws `route_access_denied` that names the
 * control.
 */
export function requireAllowedControls({ cache }: Fields, allowed: readonly (readonly string[] | undefined)[]): void {
  if (!isRecord(cache)) return;
  const refused = Object.keys(cache).find((name) => allowed.some((names) => names?.includes(name) === false));
  if (refused === undefined) return;
  throw new GatewayError('route_access_denied', `cache.${refused.slice(0, 64)}: this key or its team may not use this cache control.`, {
    param: `cache.${refused.slice(0, 64)}`,
  });
}

const PLAIN: CacheControls = { mayRead: true, mayStore: true, ttlMs: undefined, maxAgeMs: undefined, namespace: undefined };

function isWanted(cache: Fields, caching: unknown, byDefault: boolean): boolean {
  if (cache['use-cache'] !== undefined && cache['use-cache'] !== null) return flag(cache['use-cache'], 'cache.use-cache');
  return caching === undefined || caching === null ? byDefault : flag(caching, 'caching');
}

function flag(value: unknown, name: string): boolean {
  if (value === null) return false;
  if (typeof value !== 'boolean') throw wrong(name, 'must be true or false');
  return value;
}

function seconds(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw wrong(name, 'must be a number of seconds, 0 or more');
  return Math.round(value * 1_000);
}

function namespaceOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAMESPACE) {
    throw wrong('cache.namespace', `must be a text of 1 to ${LONGEST_NAMESPACE} characters`);
  }
  return value;
}

function wrong(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${rule}.`, { param });
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
