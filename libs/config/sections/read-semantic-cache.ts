import { SEMANTIC_CACHE_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SemanticCacheSettings } from '../settings/cache-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readTextList } from '../values.ts';
import { type Fields, readSection } from './read-section.ts';

/** The threshold is where the labelled pairs of `libs/cache/semantic` reach a precision of 0.98 (docs/cache.md). */
export const DEFAULT_SEMANTIC_CACHE: SemanticCacheSettings = {
  models: [],
  threshold: 0.8,
  maxTemperature: 0.5,
  maxEntries: 10_000,
};

/** Reads `headrace.cache.semantic`; LiteLLM's `similarity_threshold` counts where that has none. Undefined unless models are named. */
export function readSemanticCache(node: SourceNode | undefined, params: Fields, reading: Reading): SemanticCacheSettings | undefined {
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
  };
}
