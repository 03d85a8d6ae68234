import { expect, test } from 'vitest';
import { createInFlight } from './in-flight.ts';

const open = (options: Partial<Parameters<typeof createInFlight>[0]> = {}) =>
  createInFlight({ most: 3, maxUsd: null, spentUsd: '0', over: [], ...options });

test('at most so many run at a time', () => {
  const inFlight = open();
  for (const line of [1, 2, 3]) inFlight.add(line);
  expect(inFlight.room()).toBe('full');
  inFlight.over(2, '0');
  expect([inFlight.room(), inFlight.size]).toEqual(['free', 2]);
});

test('a line that is over counts once, and is not begun again', () => {
  const inFlight = open({ maxUsd: '1', over: [7] });
  inFlight.add(7);
  expect([inFlight.size, inFlight.isOver(7)]).toEqual([0, true]);
  inFlight.add(1);
  for (let times = 0; times < 5; times += 1) inFlight.over(1, '0.3');
  expect(inFlight.room()).toBe('free');
});

test('a limit on spend lets the first one run alone, then as many as it has room for, and ends when it has none', () => {
  const inFlight = open({ most: 100, maxUsd: '1', spentUsd: '0.1' });
  inFlight.add(1);
  expect(inFlight.room()).toBe('full');
  inFlight.over(1, '0.2');
  for (const line of [2, 3, 4]) {
    expect(inFlight.room()).toBe('free');
    inFlight.add(line);
  }
  expect(inFlight.room()).toBe('full');
  for (const line of [2, 3, 4]) inFlight.over(line, '0.2');
  // a tenth is left, and none was that cheap
  expect(inFlight.room()).toBe('spent');
});

test('a change wakes whoever waits for room', async () => {
  const inFlight = open();
  inFlight.add(1);
  const changed = inFlight.change(60_000);
  inFlight.over(1, '0');
  await expect(changed).resolves.toBeUndefined();
});
