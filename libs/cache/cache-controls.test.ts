import { describe, expect, test } from 'vitest';
import { readCacheControls } from './cache-controls.ts';

const PLAIN = { mayRead: true, mayStore: true, ttlMs: undefined, maxAgeMs: undefined, namespace: undefined };

describe('a request', () => {
  test.each<[object, boolean, object | undefined]>([
    [{}, true, PLAIN],
    [{}, false, undefined],
    [{ cache: null, caching: null }, true, PLAIN],
    [{ caching: true }, false, PLAIN],
    [{ caching: false }, true, undefined],
    [{ cache: { 'use-cache': true } }, false, PLAIN],
    [{ cache: { ttl: 5 } }, false, undefined],
    [{ cache: { 'use-cache': false } }, true, undefined],
    [{ cache: { 'no-cache': true } }, true, { ...PLAIN, mayRead: false }],
    [{ cache: { 'no-store': true } }, true, { ...PLAIN, mayStore: false }],
    [{ cache: { ttl: 1.5, 's-maxage': 2, namespace: 'n' } }, true, { ...PLAIN, ttlMs: 1_500, maxAgeMs: 2_000, namespace: 'n' }],
  ])('that says %j where the default is %s', (fields, byDefault, expected) => {
    expect(readCacheControls({ ...fields }, byDefault)).toEqual(expected);
  });

  test.each<[unknown, string]>([
    ['yes', 'cache'],
    [[], 'cache'],
    [{ nocache: true }, 'cache.nocache'],
    [{ ttl: -1 }, 'cache.ttl'],
    [{ ttl: '5' }, 'cache.ttl'],
    [{ 'no-store': 'yes' }, 'cache.no-store'],
    [{ namespace: '' }, 'cache.namespace'],
    [{ namespace: 'x'.repeat(257) }, 'cache.namespace'],
  ])('that says %j is refused by the name of %s', (cache, param) => {
    expect(() => readCacheControls({ cache }, true)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
