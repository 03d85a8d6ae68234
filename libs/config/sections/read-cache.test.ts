import { describe, expect, test } from 'vitest';
import { ConfigError, describeConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_CACHE, DEFAULT_SEMANTIC_CACHE } from './read-cache.ts';

const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });

const MODELS = 'model_list: [{ model_name: embed, litellm_params: { model: openai/embed-x } }]\n';

describe('the cache', () => {
  test.each(['{}', 'litellm_settings: { cache: false }', 'headrace: { cache: { enabled: false } }'])('is off: %s', (text) => {
    expect(parse(text).cache).toBeUndefined();
  });

  test.each(['litellm_settings: { cache: true }', 'headrace: { cache: {} }'])('is on: %s', (text) => {
    expect(parse(text).cache).toEqual(DEFAULT_CACHE);
  });

  test('is as LiteLLM’s parameters say, in its own store whatever their type is, which is told', () => {
    const { cache, warnings } = parse(`
litellm_settings:
  cache: true
  cache_params: { type: redis, host: h, ttl: 60, namespace: n, mode: default_off, supported_call_types: [acompletion, completion, embedding] }
`);
    expect(cache).toMatchObject({ ttlMs: 60_000, namespace: 'n', byDefault: false, dialects: ['openai-chat', 'openai-embeddings'] });
    expect(warnings.find((line) => line.includes('type redis'))).toContain('config.yaml:4');
  });

  test('goes by its own section before that', () => {
    const { cache } = parse(`
litellm_settings: { cache: true, cache_params: { ttl: 60 } }
headrace: { cache: { ttl_s: 5, scope: team, max_entry_kb: 10, max_gb: 2, memory_mb: 3, semantic: { models: [m], threshold: 0.9 } } }
`);
    expect(cache).toEqual({
      ...DEFAULT_CACHE,
      ttlMs: 5_000,
      scope: 'team',
      maxEntryBytes: 10_240,
      maxBytes: 2 * 1024 ** 3,
      memoryBytes: 3 * 1024 ** 2,
      semantic: { ...DEFAULT_SEMANTIC_CACHE, models: ['m'], threshold: 0.9 },
    });
  });

  test.each([
    ['headrace: { cache: { scope: teams } }', /config\.yaml:1[^]*did you mean "team"/],
    ['headrace: { cache: { ttl: 5 } }', /unknown key "ttl"/],
    ['headrace: { cache: { max_entry_kb: 4000 } }', /1 to 512/],
    ['headrace: { cache: { semantic: { threshold: 0.9 } } }', /needs models/],
    ['headrace: { cache: { semantic: { models: [m], threshold: 2 } } }', /0 to 1/],
    [
      `${MODELS}headrace: { cache: { semantic: { models: [m], embedding_model: embedd } } }`,
      /embedding_model[^]*is "embedd"[^]*did you mean "embed"/,
    ],
    ['headrace: { cache: { semantic: { models: [m], embedding_model: embed } } }', /add the model to model_list, or leave/],
    ['headrace: { cache: { semantic: { models: [m], index: pgvektor } } }', /did you mean "pgvector"/],
    [`${MODELS}headrace: { cache: { semantic: { models: [m], embedding_timeout_ms: 0 } } }`, /embedding_timeout_ms[^]*1 to 60000/],
    ['litellm_settings: { cache: true, cache_params: { type: redas } }', /did you mean "redis"/],
    ['litellm_settings: { cache: true, cache_params: { supported_call_types: [completions] } }', /did you mean "completion"/],
    ['litellm_settings: { cache: true, cache_params: { mode: off } }', /mode/],
  ])('is refused: %s', (text, message) => {
    const told = (): string => {
      try {
        return JSON.stringify(parse(text));
      } catch (error) {
        return error instanceof ConfigError ? describeConfigError(error) : '';
      }
    };
    expect(told()).toMatch(message);
  });

  test.each([
    ['headrace: { cache: { semantic: { models: [m], embedding_model: embed, embedding_timeout_ms: 90 } } }', 'embed', 90],
    [
      'headrace: { cache: { semantic: { models: [m] } } }\nlitellm_settings: { cache_params: { qdrant_semantic_cache_embedding_model: embed } }',
      'embed',
      500,
    ],
    [
      'headrace: { cache: { semantic: { models: [m], embedding_model: embed } } }\nlitellm_settings: { cache_params: { redis_semantic_cache_embedding_model: other } }',
      'embed',
      500,
    ],
  ])('embeds by a model group: %s', (text, embeddingModel, embeddingTimeoutMs) => {
    expect(parse(`${MODELS}${text}`).cache?.semantic).toMatchObject({ embeddingModel, embeddingTimeoutMs });
  });

  test('a model of LiteLLM’s parameters that model_list does not have is told, and the gateway’s own is used', () => {
    const { cache, warnings } = parse(
      `${MODELS}headrace: { cache: { semantic: { models: [m] } } }\nlitellm_settings: { cache_params: { redis_semantic_cache_embedding_model: ada } }`,
    );
    expect(cache?.semantic?.embeddingModel).toBeUndefined();
    expect(warnings.join('\n')).toContain('config.yaml:3: names "ada", which is no model of model_list');
  });
});
