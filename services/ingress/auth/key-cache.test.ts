import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeysBucket } from '#bus';
import type { KeyRecord } from '#contracts';
import { createKeyCache, type KeyCache } from './key-cache.ts';

const record = (change: Partial<KeyRecord> = {}): KeyRecord => ({
  v: 1,
  hash: 'h',
  masked: 'sk-…abcd',
  models: [],
  blocked: false,
  ...change,
});

let stored: KeyRecord | undefined;
let reads: number;
let answer: () => Promise<KeyRecord | undefined>;
let change: (hash: string, record: KeyRecord | undefined) => void;
let cache: KeyCache;

beforeEach(async () => {
  stored = record();
  reads = 0;
  answer = async () => stored;
  const bucket: Pick<KeysBucket, 'get' | 'watch'> = {
    get: () => {
      reads += 1;
      return answer();
    },
    watch: async (onChange) => {
      change = onChange;
      return () => undefined;
    },
  };
  cache = await createKeyCache(bucket as KeysBucket);
});

describe('a key', () => {
  test('is looked up once, and found at once from then on', async () => {
    expect(await cache.find('h')).toEqual(record());
    expect(cache.find('h')).toEqual(record());
    expect(reads).toBe(1);
  });

  test('that is blocked is known as blocked as soon as its change arrives', async () => {
    await cache.find('h');
    change('h', record({ blocked: true }));
    expect(cache.find('h')).toMatchObject({ blocked: true });
  });

  test('that is deleted is asked for again', async () => {
    await cache.find('h');
    stored = undefined;
    change('h', undefined);
    expect(await cache.find('h')).toBeUndefined();
  });

  test('that changes while it is looked up is not remembered as it was before', async () => {
    let finish: (value: KeyRecord) => void = () => undefined;
    answer = () => new Promise((resolve) => (finish = resolve));
    const looking = cache.find('h');
    change('h', record({ blocked: true }));
    finish(record());
    await looking;
    expect(cache.find('h')).toMatchObject({ blocked: true });
  });

  test('that is deleted while it is looked up is not remembered', async () => {
    let finish: (value: KeyRecord) => void = () => undefined;
    answer = () => new Promise((resolve) => (finish = resolve));
    const looking = cache.find('h');
    change('h', undefined);
    finish(record());
    await looking;
    expect(cache.find('h')).toBeInstanceOf(Promise);
  });

  test('nobody knows is asked for once in a while, not with every request', async () => {
    stored = undefined;
    await cache.find('h');
    expect(cache.find('h')).toBeUndefined();
    expect(reads).toBe(1);
  });

  test('waits while the bucket can’t be reached', async () => {
    let failures = 2;
    answer = () => (failures-- > 0 ? Promise.reject(new Error('timeout')) : Promise.resolve(stored));
    expect(await cache.find('h')).toEqual(record());
  });

  test('that can’t be looked up for long is a 503 with a wait, and is asked for again', async () => {
    answer = () => Promise.reject(new Error('timeout at 10.0.0.1'));
    vi.useFakeTimers();
    try {
      const refused = Promise.resolve(cache.find('h')).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await refused).toMatchObject({ code: 'service_unavailable', retryAfterMs: 1_000 });
    } finally {
      vi.useRealTimers();
    }
    answer = async () => stored;
    expect(await cache.find('h')).toEqual(record());
  });
});
