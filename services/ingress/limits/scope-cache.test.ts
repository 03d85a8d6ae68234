import { beforeEach, describe, expect, test } from 'vitest';
import { type Scope, scopeEntry, type ScopeRecord } from '#contracts';
import { createScopeCache, type ScopeCache } from './scope-cache.ts';

const TEAM: Scope = { kind: 'team', id: 'blue' };
const record = (change: Partial<ScopeRecord> = {}): ScopeRecord => ({ v: 1, ...TEAM, ...change });

let stored: ScopeRecord | undefined;
let reads: number;
let change: (entry: string, record: ScopeRecord | undefined) => void;
let get: () => Promise<ScopeRecord | undefined>;

function open(entries = 1): Promise<ScopeCache> {
  return createScopeCache({
    get: () => {
      reads += 1;
      return get();
    },
    watch: async (onChange) => {
      change = onChange;
      return () => undefined;
    },
    count: async () => entries,
  });
}

beforeEach(() => {
  stored = record();
  reads = 0;
  get = async () => stored;
});

describe('a scope', () => {
  test('is looked up once, and found at once from then on, also where there is none', async () => {
    const cache = await open();
    expect(await cache.find(TEAM)).toEqual(record());
    expect(cache.find(TEAM)).toEqual(record());
    stored = undefined;
    expect(await cache.find({ kind: 'customer', id: 'anybody' })).toBeUndefined();
    expect(cache.find({ kind: 'customer', id: 'anybody' })).toBeUndefined();
    expect(reads).toBe(2);
  });

  test('that changes is known as it is now', async () => {
    const cache = await open();
    await cache.find(TEAM);
    change(scopeEntry(TEAM), record({ blocked: true }));
    expect(cache.find(TEAM)).toMatchObject({ blocked: true });
    change(scopeEntry(TEAM), undefined);
    expect(cache.find(TEAM)).toBeUndefined();
  });

  test('that changes while it is looked up is known as it is now', async () => {
    let finish: (value: ScopeRecord | undefined) => void = () => undefined;
    get = () => new Promise((resolve) => (finish = resolve));
    const cache = await open();
    const looking = cache.find(TEAM);
    change(scopeEntry(TEAM), record({ blocked: true }));
    finish(record());
    expect(await looking).toMatchObject({ blocked: true });
    expect(cache.find(TEAM)).toMatchObject({ blocked: true });
  });

  test('of an empty bucket is not looked up, until the first one comes', async () => {
    const cache = await open(0);
    expect(cache.find(TEAM)).toBeUndefined();
    expect(reads).toBe(0);
    change(scopeEntry({ kind: 'user', id: 'u' }), undefined);
    expect(await cache.find(TEAM)).toEqual(record());
  });
});
