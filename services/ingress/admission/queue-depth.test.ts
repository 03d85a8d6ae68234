import { describe, expect, test } from 'vitest';
import { nextDepth, type QueueDepth, waitOf } from './queue-depth.ts';

const unlimited = { requests: undefined, windowMs: 60_000 };

function look(looks: readonly (readonly [at: number, waiting: number, delivered: number])[]): QueueDepth | undefined {
  let depth: QueueDepth | undefined;
  for (const [at, waiting, delivered] of looks) depth = nextDepth(depth, { at, waiting, delivered });
  return depth;
}

describe('the wait for a queue', () => {
  test('is its length by the speed it moves with', () => {
    const depth = look([
      [0, 100, 0],
      [250, 90, 10],
      [500, 80, 20],
    ]);
    expect(waitOf(depth, 0, unlimited, 500)).toBeCloseTo(80 / (10 / 250));
    expect(waitOf(depth, 20, unlimited, 500)).toBeCloseTo(100 / (10 / 250));
  });

  test('is unknown, and so nothing, before it has been seen to move, when it is empty, and when nobody has looked lately', () => {
    expect(waitOf(undefined, 5, unlimited, 0)).toBe(0);
    expect(waitOf(look([[0, 100, 0]]), 0, unlimited, 0)).toBe(0);
    const moving = [
      [0, 100, 0],
      [250, 90, 10],
    ] as const;
    expect(waitOf(look([...moving, [500, 0, 100]]), 0, unlimited, 500)).toBe(0);
    expect(waitOf(look(moving), 0, unlimited, 2_000)).toBe(0);
  });

  test('does not take the speed of an empty queue for its best', () => {
    const depth = look([
      [0, 100, 0],
      [250, 50, 50],
      [500, 0, 100],
      [5_000, 0, 101],
      [5_250, 100, 101],
    ]);
    expect(depth?.rate).toBeCloseTo(50 / 250);
  });

  test('at a deployment with a limit is at least the windows before it, and never more', () => {
    const depth = look([
      [0, 200, 0],
      [250, 140, 60],
    ]);
    const limits = { requests: 60, windowMs: 60_000 };
    expect(waitOf(depth, 0, limits, 250)).toBe(120_000);
    expect(waitOf(look([[0, 59, 0]]), 0, limits, 0)).toBe(0);
    expect(waitOf(look([[0, 59, 0]]), 1, limits, 0)).toBe(60_000);
  });
});
