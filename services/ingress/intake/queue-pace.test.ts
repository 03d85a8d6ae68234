import { describe, expect, test } from 'vitest';
import { mostKept, nextPace, type QueuePace } from './queue-pace.ts';

const LOOK_MS = 250;

/** Looks at a queue that is filled up to what may wait in it and moves that many jobs in a millisecond. Returns what went through in each look. */
function run(perMs: number, looks: number): { readonly through: number[]; readonly pace: QueuePace | undefined; readonly waiting: number } {
  let pace: QueuePace | undefined;
  let [waiting, delivered] = [0, 0];
  const through: number[] = [];
  for (let at = 0; at < looks; at += 1) {
    waiting = Math.max(waiting, Math.floor(mostKept(pace)));
    const taken = Math.min(waiting, perMs * LOOK_MS);
    waiting -= taken;
    delivered += taken;
    through.push(taken);
    pace = nextPace(pace, { at: at * LOOK_MS, waiting, delivered });
  }
  return { through, pace, waiting };
}

describe('what may wait in a queue', () => {
  test('grows while it runs empty, until the queue is as fast as it can be', () => {
    const { through } = run(8, 8);
    expect(through[0]).toBe(200);
    expect(through.slice(4)).toEqual([2_000, 2_000, 2_000, 2_000]);
  });

  test('is what it moves in three seconds', () => {
    const { pace } = run(2, 40);
    expect(mostKept(pace)).toBeCloseTo(6_000, -1);
  });

  test('is little where it stands still or nothing is known', () => {
    expect(mostKept(undefined)).toBe(200);
    const stuck = nextPace(nextPace(undefined, { at: 0, waiting: 900, delivered: 5 }), { at: 250, waiting: 900, delivered: 5 });
    expect(mostKept(stuck)).toBe(200);
  });

  test('is little again once nothing comes', () => {
    const { pace } = run(8, 8);
    const last = pace?.depth.last ?? { at: 0, waiting: 0, delivered: 0 };
    expect(nextPace(pace, { ...last, at: last.at + LOOK_MS, waiting: 0 }).served).toBe(0);
  });
});
