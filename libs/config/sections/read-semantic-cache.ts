import { closestKey } from '../keys/closest-key.ts';
import { SEMANTIC_CACHE_KEYS } from '../keys/sections.ts';
import type { ModelIndex } from '../models/model-index.ts';
import { placeText, type Reading } from '../reading.ts';
import { type SemanticCacheSettings, SIMILAR_INDEXES } from '../settings/cache-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readText, readTextList } from '../values.ts';
import { readChoice } from './read-choice.ts';
import { type Fields, readSection } from './read-section.ts';

/** The threshold is where the labelled pairs of `libs/cache/semantic` reach a precision of 0.98 (docs/cache.md). */
export const DEFAULT_SEMANTIC_CACHE: SemanticCacheSettings = {
  models: [],
  threshold: 0.8,
  maxTemperature: 0.5,
  maxEntries: 10_000,
  embeddingModel: undefined,
  embeddingTimeoutMs: 500,
  index: 'auto',
};

const LITELLM_EMBEDDING_MODELS = [
  'redis_semantic_cache_embedding_model',
  'qdrant_semantic_cache_embedding_model',
  'valkey_semantic_cache_embedding_model',
] as const;

export interface SemanticCacheSources {
  /** LiteLLM's `cache_params`: what they say counts where the section says nothing. */
  readonly params: Fields;
  readonly models: Pick<ModelIndex, 'resolve' | 'list'>;
}

/** Reads `headrace.cache.semantic`. Undefined without the section. */
export function readSemanticCache(
  node: SourceNode | undefined,
  { params, models: known }: SemanticCacheSources,
  reading: Reading,
): SemanticCacheSettings | undefined {
  if (node === undefined) return undefined;
  const fields = readSection([node], SEMANTIC_CACHE_KEYS, reading);
  const models = readTextList(fields.get('models'), reading) ?? [];
  if (models.length === 0) {
    reading.problem(node, 'needs models, the model groups whose answers may be given to similar requests', {
      suggestion: 'for example models: [support-bot]',
    });
  }
  const threshold = readNumber(fields.get('threshold') ?? params.get('similarity_threshold'), { min: 0, max: 1, unit: 'cosine' }, reading);
  const maxTemperature = readNumber(fields.get('max_temperature'), { min: 0, unit: 'temperature' }, reading);
  return {
    models,
    threshold: threshold ?? DEFAULT_SEMANTIC_CACHE.threshold,
    maxTemperature: maxTemperature ?? DEFAULT_SEMANTIC_CACHE.maxTemperature,
    maxEntries:
      readNumber(fields.get('max_entries'), { min: 1, integer: true, unit: 'entries' }, reading) ?? DEFAULT_SEMANTIC_CACHE.maxEntries,
    embeddingModel: readEmbeddingModel(fields.get('embedding_model'), { params, models: known }, reading),
    embeddingTimeoutMs:
      readNumber(fields.get('embedding_timeout_ms'), { min: 1, max: MOST_TIMEOUT_MS, integer: true, unit: 'milliseconds' }, reading) ??
      DEFAULT_SEMANTIC_CACHE.embeddingTimeoutMs,
    index:
      readChoice(fields.get('index'), { choices: SIMILAR_INDEXES, what: 'index of similar requests' }, reading) ??
      DEFAULT_SEMANTIC_CACHE.index,
  };
}

/** A call that takes longer than a minute is not worth the wait. */
const MOST_TIMEOUT_MS = 60_000;

/**
 * The name of a model group. LiteLLM takes models there that `model_list` does not have: such a configuration runs with the model that comes with the
 * gateway, and is told.
 */
function readEmbeddingModel(node: SourceNode | undefined, { params, models }: SemanticCacheSources, reading: Reading): string | undefined {
  const own = readText(node, reading);
  if (node !== undefined && own !== undefined) {
    if (models.resolve(own) === undefined) tellUnknown(node, own, models, reading);
    return own;
  }
  const theirs = LITELLM_EMBEDDING_MODELS.map((key) => params.get(key)).find((value) => value !== undefined);
  const name = readText(theirs, reading);
  if (theirs === undefined || name === undefined || models.resolve(name) !== undefined) return name;
  reading.warn(
    'embedding model',
    `${placeText(theirs)}: names "${name}", which is no model of model_list: similar requests are found with the model that comes with the gateway`,
  );
  return undefined;
}

function tellUnknown(node: SourceNode, name: string, models: SemanticCacheSources['models'], reading: Reading): void {
  const names = models.list().map((model) => model.name);
  const near = closestKey(name, names, 2);
  reading.problem(node, `must be the name of an embedding model of model_list, is "${name}"`, {
    suggestion: near === undefined ? 'add the model to model_list, or leave embedding_model out' : `did you mean "${near}"?`,
  });
}
