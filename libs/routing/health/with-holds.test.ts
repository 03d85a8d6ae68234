import { expect, test } from 'vitest';
import type { HoldMode } from '#contracts';
import type { HealthBoard } from './health-board.ts';
import { withHolds } from './with-holds.ts';

// what is asked of the board itself is all that is looked at
const board = { isAvailable: () => true, retryAtMs: () => 7, isWaitedFor: () => false, admit: () => true } as unknown as HealthBoard;
const held: Record<string, HoldMode> = { paused: 'pause', drained: 'drain' };
const { isAvailable, retryAtMs, isWaitedFor, admit } = withHolds(board, { modeOf: (id) => held[id], now: () => 10_000 });

test('what is held is out, for planning and for workers, and worth another look later', () => {
  for (const id of ['paused', 'drained']) {
    expect(isAvailable(id, 0)).toBe(false);
    expect(admit(id)).toBe(false);
    expect(retryAtMs(id)).toBeGreaterThan(10_000);
  }
});

test('a pause is waited for, a drain is not', () => {
  expect(isWaitedFor?.('paused', 99_000)).toBe(true);
  expect(isWaitedFor?.('drained', 99_000)).toBe(false);
});

test('what is not held is as the board says', () => {
  expect([isAvailable('free', 0), admit('free'), retryAtMs('free'), isWaitedFor?.('free', 0)]).toEqual([true, true, 7, false]);
});
