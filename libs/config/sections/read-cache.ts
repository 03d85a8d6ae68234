import type { ClientDialect } from '#contracts';
import { CACHE_KEYS, CACHE_PARAMS_KEYS } from '../keys/sections.ts';
import { placeText, type Reading } from '../reading.ts';
import { CACHE_SCOPES, type CacheSettings } from '../settings/cache-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText } from '../values.ts';
import { CALL_TYPES } from './cache-call-types.ts';
import { readChoice, readChoices } from './read-choice.ts';
import { type Fields, readSection } from './read-section.ts';
import { readSemanticCache, type SemanticCacheSources } from './read-semantic-cache.ts';

export { DEFAULT_SEMANTIC_CACHE } from './read-semantic-cache.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;
/** An entry is one message of the store: half of NATS's usual limit leaves room for its frame. */
const MOST_ENTRY_KB = 512;

export const DEFAULT_CACHE: CacheSettings = {
  byDefault: true,
  scope: 'key',
  ttlMs: 3_600_000,
  namespace: undefined,
  dialects: [...new Set(Object.values(CALL_TYPES))],
  maxEntryBytes: MOST_ENTRY_KB * KILOBYTE,
  maxBytes: GIGABYTE,
  memoryBytes: 64 * MEGABYTE,
  semantic: undefined,
};

const MODES = ['default_on', 'default_off'] as const;
const SEMANTIC_TYPES = ['redis-semantic', 'qdrant-semantic', 'valkey-semantic'] as const;
const TYPES = ['local', 'redis', 's3', 'gcs', 'azure-blob', 'disk', ...SEMANTIC_TYPES] as const;

export interface CacheSources {
  /** `litellm_settings`. */
  readonly litellm: Fields;
  readonly models: SemanticCacheSources['models'];
}

/**
 * Reads `litellm_settings.cache` with `cache_params`, and `headrace.cache`, whose keys go before LiteLLM's of the same meaning. Undefined where
 * neither switches the cache on: `cache: true`, or a section `headrace.cache` that does not say `enabled: false`.
 */
export function readCache(node: SourceNode | undefined, { litellm, models }: CacheSources, reading: Reading): CacheSettings | undefined {
  const own = node === undefined ? NO_FIELDS : readSection([node], CACHE_KEYS, reading);
  const paramsNode = litellm.get('cache_params');
  const params = paramsNode === undefined ? NO_FIELDS : readSection([paramsNode], CACHE_PARAMS_KEYS, reading);
  const isOn = readBoolean(own.get('enabled'), reading) ?? (node !== undefined || readBoolean(litellm.get('cache'), reading) === true);
  const type = readChoice(params.get('type'), { choices: TYPES, what: 'type of cache' }, reading);
  const settings: CacheSettings = {
    byDefault: readMode(own.get('mode') ?? params.get('mode'), reading),
    scope: readChoice(own.get('scope'), { choices: CACHE_SCOPES, what: 'scope of a cache' }, reading) ?? DEFAULT_CACHE.scope,
    ttlMs: readTtl(own.get('ttl_s') ?? params.get('ttl'), reading),
    namespace: readText(own.get('namespace') ?? params.get('namespace'), reading),
    dialects: readDialects(params.get('supported_call_types'), reading),
    ...readSizes(own, reading),
    semantic: readSemanticCache(own.get('semantic'), { params, models }, reading),
  };
  if (isOn && type !== undefined && type !== 'local') tellOfType(type, params, reading);
  return isOn ? settings : undefined;
}

const NO_FIELDS: Fields = new Map();

function tellOfType(type: string, params: Fields, reading: Reading): void {
  const node = params.get('type');
  if (node === undefined) return;
  const semantic = SEMANTIC_TYPES.some((one) => one === type)
    ? ', by exact requests; name models in headrace.cache.semantic for similar ones'
    : '';
  reading.warn(
    'cache type',
    `${placeText(node)}: cache_params.type ${type} is served by this gateway's own store, which all replicas share${semantic}`,
  );
}

function readMode(node: SourceNode | undefined, reading: Reading): boolean {
  return readChoice(node, { choices: MODES, what: 'mode of a cache' }, reading) !== 'default_off';
}

function readTtl(node: SourceNode | undefined, reading: Reading): number {
  const seconds = readNumber(node, { min: 1, unit: 'seconds' }, reading);
  return seconds === undefined ? DEFAULT_CACHE.ttlMs : Math.round(seconds * 1_000);
}

function readDialects(node: SourceNode | undefined, reading: Reading): readonly ClientDialect[] {
  const types = readChoices(node, { choices: Object.keys(CALL_TYPES), what: 'call type that is cached' }, reading);
  return types === undefined ? DEFAULT_CACHE.dialects : [...new Set(types.flatMap((type) => CALL_TYPES[type] ?? []))];
}

function readSizes(own: Fields, reading: Reading): Pick<CacheSettings, 'maxEntryBytes' | 'maxBytes' | 'memoryBytes'> {
  const kilobytes = readNumber(own.get('max_entry_kb'), { min: 1, max: MOST_ENTRY_KB, unit: 'kilobytes' }, reading);
  const gigabytes = readNumber(own.get('max_gb'), { min: 0.01, unit: 'gigabytes' }, reading);
  const megabytes = readNumber(own.get('memory_mb'), { min: 1, unit: 'megabytes' }, reading);
  return {
    maxEntryBytes: kilobytes === undefined ? DEFAULT_CACHE.maxEntryBytes : Math.round(kilobytes * KILOBYTE),
    maxBytes: gigabytes === undefined ? DEFAULT_CACHE.maxBytes : Math.round(gigabytes * GIGABYTE),
    memoryBytes: megabytes === undefined ? DEFAULT_CACHE.memoryBytes : Math.round(megabytes * MEGABYTE),
  };
}
