import { expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_STREAMS, streamTimeoutsOf } from './read-streams.ts';

const parse = (headrace: string) =>
  parseConfig(`model_list:\n  - { model_name: m, litellm_params: { model: openai/m } }\nheadrace:\n  ${headrace}\n`, {
    file: 'config.yaml',
    env: {},
    providers: new Set(['openai']),
  });

test('streams are relayed, held back for 300 ms and end with an error unless said otherwise', () => {
  expect(parse('media: {}').streams).toEqual(DEFAULT_STREAMS);
});

test('every setting is read in its unit', () => {
  const { streams, modelGroups } = parse(`{ streams: { on_failure: continue, hold_back_ms: 50, keep_alive_s: 5, buffer_mb: 2 },
    timeouts: { first_token_ms: 1000, inter_chunk_ms: 2000, total_ms: 3000 }, model_groups: { m: { stream_on_failure: buffer } } }`);
  expect(streams).toEqual({
    onFailure: 'continue',
    holdBackMs: 50,
    keepAliveMs: 5_000,
    bufferBytes: 2 * 1024 * 1024,
    timeouts: { firstTokenMs: 1_000, interChunkMs: 2_000, totalMs: 3_000 },
  });
  expect(modelGroups['m']?.streamOnFailure).toBe('buffer');
});

test('a misspelt policy is an error with the one that was meant', () => {
  expect(() => parse('streams: { on_failure: contine }')).toThrow('called "contine"');
});

test('a deployment’s own limits go before those of the configuration', () => {
  const settings = { ...DEFAULT_STREAMS, timeouts: { firstTokenMs: 1, totalMs: 3 } };
  expect(streamTimeoutsOf({ modelInfo: { first_token_ms: 7, total_ms: 'soon' } }, settings)).toEqual({
    firstTokenMs: 7,
    interChunkMs: undefined,
    totalMs: 3,
  });
});
