import { describe, expect, test } from 'vitest';
import type { RouterSettings } from '#config';
import { fallbackGroups } from '#routing';
import { requestRouter } from './request-router.ts';

const ROUTER = {
  numRetries: 2,
  maxFallbacks: 5,
  fallbacks: { m: ['backup'] },
  defaultFallbacks: ['default'],
  contextWindowFallbacks: { m: ['long'] },
} as unknown as RouterSettings;

const read = (fields: Record<string, unknown>, headers: Record<string, string> = {}) => requestRouter(ROUTER, headers, fields);
const groups = (fields: Record<string, unknown>, model = 'm') =>
  fallbackGroups(model, model, read(fields).router).map(({ group, for: cause }) => (cause === undefined ? group : `${group} for ${cause}`));

test('a request without wishes gets the router’s own settings', () => {
  expect(read({ model: 'm' })).toEqual({ router: ROUTER, numRetries: undefined, named: [] });
  expect(read({}).router).toBe(ROUTER);
});

describe('retries of a request', () => {
  test.each([
    [{ num_retries: 4 }, {}, 4],
    [{ num_retries: 4 }, { 'x-litellm-num-retries': '0' }, 0],
    [{ num_retries: '3' }, {}, 3],
    [{ num_retries: 5_000 }, {}, 10],
    [{ num_retries: null }, {}, undefined],
  ])('%j with %j: %s', (fields, headers: Record<string, string>, expected) => {
    expect(read(fields, headers).numRetries).toBe(expected);
  });
});

describe('fallbacks of a request', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['are the configuration’s', {}, ['long for context_window', 'backup']],
    ['stand in for the general ones', { fallbacks: ['a', { model: 'b' }] }, ['long for context_window', 'a', 'b']],
    ['are no more than max_fallbacks', { fallbacks: ['a', 'b', 'c'], max_fallbacks: 2 }, ['long for context_window', 'a', 'b']],
    ['for long requests stand in for those', { context_window_fallback_dict: { m: 'longer' } }, ['longer for context_window', 'backup']],
    ['are none with disable_fallbacks', { fallbacks: ['a'], disable_fallbacks: true }, []],
    ['are none for an empty list', { fallbacks: [] }, ['long for context_window']],
  ])('%s', (_what, fields, expected) => {
    expect(groups(fields)).toEqual(expected);
  });

  test('are named, for the key must be allowed to use them', () => {
    expect(read({ fallbacks: ['a', { model: 'b', messages: [] }], context_window_fallback_dict: { m: 'c' } }).named).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});
