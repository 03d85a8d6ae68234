import { expect, test } from 'vitest';
import { closestKey, editDistance } from './closest-key.ts';
import { allKeys } from './key-table.ts';
import { KNOWN_LITELLM_PARAMS, litellmParamKind } from './litellm-params.ts';
import { GENERAL_KEYS, HEADRACE_KEYS, LITELLM_KEYS, MODEL_ENTRY_KEYS, ROUTER_KEYS, TOP_LEVEL_KEYS } from './sections.ts';

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['api_key', 'api_kye', 1],
  ['api_key', 'api_keys', 1],
  ['timeout', 'tiemuot', 2],
  ['kitten', 'sitting', 3],
])('%j and %j are %d edits apart, either way round', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
  expect(editDistance(b, a)).toBe(edits);
});

test('the nearest word is found, and none when all are too far', () => {
  expect(closestKey('num_retry', ['timeout', 'num_retries'])).toBe('num_retries');
  expect(closestKey('MODEL_LIST', ['model_list'])).toBe('model_list');
  expect(closestKey('zebra', ['timeout', 'num_retries'])).toBeUndefined();
});

test('no key stands in a table twice or both as supported and as without effect', () => {
  for (const table of [TOP_LEVEL_KEYS, MODEL_ENTRY_KEYS, ROUTER_KEYS, LITELLM_KEYS, GENERAL_KEYS, HEADRACE_KEYS]) {
    const keys = allKeys(table);
    expect(
      keys.filter((key, at) => keys.indexOf(key) !== at),
      table.section,
    ).toEqual([]);
  }
  expect(KNOWN_LITELLM_PARAMS.length).toBeGreaterThan(150);
});

test.each([
  ['api_key', 'supported'],
  ['input_cost_per_token', 'supported'],
  ['input_cost_per_token_above_200k_tokens', 'supported'],
  ['cache_read_input_token_cost_priority', 'supported'],
  ['ocr_cost_per_page', 'ignored'],
  ['output_cost_per_tokens_flex', undefined],
  ['aws_region_name', 'setting'],
  ['aws_something_else', 'ignored'],
  ['temperature', 'body'],
  ['brand_new_knob', undefined],
])('%s is %s', (key, kind) => {
  expect(litellmParamKind(key)).toBe(kind);
});
