import type { ClientDialect } from '#contracts';

/** Who may be given an answer that was made for somebody: the same key, its team, or everybody of this gateway. */
export const CACHE_SCOPES = ['key', 'team', 'gateway'] as const;
export type CacheScope = (typeof CACHE_SCOPES)[number];

/** `litellm_settings.cache` with its `cache_params`, and `headrace.cache`. */
export interface CacheSettings {
  /** False (`mode: default_off`): only requests that ask for it (`cache: {"use-cache": true}`). */
  readonly byDefault: boolean;
  readonly scope: CacheScope;
  readonly ttlMs: number;
  /** Keeps the answers of two parts of an organisation apart; a request's own `cache.namespace` goes before it. */
  readonly namespace: string | undefined;
  /** Formats of requests that are cached. */
  readonly dialects: readonly ClientDialect[];
  /** A larger answer is given, and not kept. */
  readonly maxEntryBytes: number;
  /** Of the store, which all replicas share; the oldest go first. */
  readonly maxBytes: number;
  /** Of the memory in front of it, in each ingress. */
  readonly memoryBytes: number;
  readonly semantic: SemanticCacheSettings | undefined;
}

/** Where texts are looked for: in memory alone, or also in Postgres where it has pgvector. */
export const SIMILAR_INDEXES = ['auto', 'memory', 'pgvector'] as const;
export type SimilarIndexName = (typeof SIMILAR_INDEXES)[number];

/** `headrace.cache.semantic`: answers to requests that mean the same. */
export interface SemanticCacheSettings {
  /** Model groups that take part; none without being named. */
  readonly models: readonly string[];
  /** Least cosine of two texts, 0 to 1. */
  readonly threshold: number;
  /** Requests above it ask for variety. */
  readonly maxTemperature: number;
  /** Of one scope, in memory. */
  readonly maxEntries: number;
  /** The model group that texts are embedded by; undefined: the model that comes with the gateway. */
  readonly embeddingModel: string | undefined;
  /** No request waits longer for its text's vector. */
  readonly embeddingTimeoutMs: number;
  /** `pgvector` says it loudly where Postgres lacks it. */
  readonly index: SimilarIndexName;
}
