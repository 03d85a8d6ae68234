import { expect, test } from 'vitest';
import { createOneATurn } from './one-a-turn.ts';

/** Counts turns of the event loop while `work` is under way. */
async function withTurns(work: (turnNow: () => number) => Promise<void>): Promise<void> {
  let turns = 0;
  let next: NodeJS.Immediate | undefined;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  count();
  await work(() => turns);
  clearImmediate(next);
}

test('pieces come after a pause, in order, each in a turn of the event loop of its own', async () => {
  const turn = createOneATurn({ quietMs: 20, mostMs: 1_000 });
  const startedAt = performance.now();
  const log: { readonly name: string; readonly at: number }[] = [];
  await withTurns(async (turnNow) => {
    const piece = async (name: string): Promise<void> => {
      await turn();
      log.push({ name, at: turnNow() });
    };
    await Promise.all(['a', 'b', 'c'].map(piece));
  });
  expect(log.map(({ name }) => name).join('')).toBe('abc');
  expect(new Set(log.map(({ at }) => at)).size).toBe(3);
  expect(performance.now() - startedAt).toBeGreaterThan(15);
});

test('what comes later gets its turn too', async () => {
  const turn = createOneATurn({ quietMs: 1, mostMs: 1_000 });
  const through: number[] = [];
  for (const count of [1, 2, 1]) {
    const pieces = Array.from({ length: count }, async () => {
      await turn();
      through.push(count);
    });
    await Promise.all(pieces);
  }
  expect(through).toEqual([1, 2, 2, 1]);
});

test('a burst is waited for until it is over, and no longer than it may last', async () => {
  const turn = createOneATurn({ quietMs: 200, mostMs: 300 });
  const startedAt = performance.now();
  const first = turn().then(() => performance.now() - startedAt);
  const arrivals = setInterval(() => void turn(), 20);
  expect(await first).toBeGreaterThan(290);
  clearInterval(arrivals);
});
