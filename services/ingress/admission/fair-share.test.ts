import { describe, expect, test } from 'vitest';
import type { JobMeta, Lane } from '#contracts';
import { createFairShare } from './fair-share.ts';

const open = (bulkAfter = 3, waitingIn: (lane: Lane, bulk: number | undefined) => number = () => 0) =>
  createFairShare({ bulkAfter, waitingIn });

function queue(share: ReturnType<typeof open>, keyHash: string, count: number): (number | undefined)[] {
  return Array.from({ length: count }, (_, index) => {
    const bulk = share.bulkFor('live', keyHash);
    share.waits({ id: `${keyHash}-${index}`, lane: 'live', bulk, by: { keyHash } } as JobMeta);
    return bulk;
  });
}

const start = (share: ReturnType<typeof open>, keyHash: string, count: number): void => {
  for (let index = 0; index < count; index++) share.waitsNoMore(`${keyHash}-${index}`);
};

describe('a key', () => {
  test('waits in one queue as long as any of its jobs waits, so that they are started in order', () => {
    const share = open();
    expect(new Set(queue(share, 'noisy', 20))).toEqual(new Set([undefined]));
    start(share, 'noisy', 19);
    expect(share.bulkFor('live', 'noisy')).toBeUndefined();
  });

  test('does not wait behind one that fills its queue', () => {
    const share = open();
    queue(share, 'noisy', 20);
    expect(share.bulkFor('live', 'quiet')).toBe(0);
  });

  test('that was seen to fill its queue begins with a bulk queue, and leaves the common one to the others', () => {
    const share = open();
    queue(share, 'noisy', 3);
    start(share, 'noisy', 3);
    expect(queue(share, 'noisy', 2)).toEqual([0, 0]);
    expect(share.bulkFor('live', 'quiet')).toBeUndefined();
  });

  test('takes the shortest queue when all are in use', () => {
    const share = open(1_000);
    for (const [key, count] of [
      ['a', 9],
      ['b', 8],
      ['c', 7],
      ['d', 2],
      ['e', 6],
    ] as const)
      queue(share, key, count);
    expect(share.bulkFor('live', 'quiet')).toBe(2);
  });

  test('keeps clear of queues that other ingresses have filled', () => {
    const share = open(3, (_lane, bulk) => (bulk === undefined ? 500 : 0));
    expect(queue(share, 'first', 1)).toEqual([undefined]);
    expect(share.bulkFor('live', 'second')).toBe(0);
  });

  test('uses the common queue of a lane without others', () => {
    const share = open();
    queue(share, 'noisy', 5);
    expect(share.bulkFor('background', 'other')).toBeUndefined();
  });
});
