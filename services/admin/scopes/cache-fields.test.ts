import { describe, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { cacheControlsOf, cacheShape, requireCacheRights } from './cache-fields.ts';

const callerOf = (role: string): Caller => ({ roles: new Set([role]) }) as unknown as Caller;
const allowing = (...names: string[]) => ({ allowed_cache_controls: names });

describe('whoever is no administrator', () => {
  test.each([
    ['allows less', allowing('ttl', 'no-cache'), allowing('ttl')],
    ['allows some where all were', {}, allowing('ttl')],
    ['leaves it', allowing('ttl'), undefined],
  ])('%s', (_, before, after) => {
    expect(() => requireCacheRights(callerOf('internal_user'), before, after)).not.toThrow();
  });

  test.each([
    ['another one', allowing('ttl'), allowing('ttl', 'no-cache')],
    ['all', allowing('ttl'), {}],
    ['all, by an empty list', allowing('ttl'), allowing()],
  ])('does not allow %s', (_, before, after) => {
    const change = (role: string) => () => requireCacheRights(callerOf(role), before, after);
    expect(change('internal_user')).toThrow('only an administrator allows more');
    expect(change('proxy_admin')).not.toThrow();
  });
});

test('an unknown control is refused, an empty list allows all', () => {
  expect(cacheShape.allowed_cache_controls.safeParse(['no-cache', 'max-age=3600']).success).toBe(false);
  expect(cacheControlsOf(allowing())).toEqual({});
  expect(cacheControlsOf(allowing('ttl'))).toEqual({ cacheControls: ['ttl'] });
});
