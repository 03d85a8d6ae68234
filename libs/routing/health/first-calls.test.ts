import { expect, test, vi } from 'vitest';
import { createFirstCalls } from './first-calls.ts';

const clock = { at: 0 };
const create = () => createFirstCalls(() => clock.at);

test('the first calls of a process go in pairs, and the rest waits', async () => {
  const calls = create();
  expect([calls.enter('a'), calls.enter('a')]).toEqual([true, true]);
  const third = calls.enter('a');
  expect(third).toBeInstanceOf(Promise);
  expect(calls.enter('b')).toBe(true);
  let released = false;
  void Promise.resolve(third).then(() => (released = true));
  calls.ended('a', false);
  await Promise.resolve();
  // the second failure may put it out
  expect([released, calls.enter('a') instanceof Promise]).toEqual([false, true]);
  calls.ended('a', false);
  await third;
  expect([calls.enter('a'), calls.enter('a')]).toEqual([true, true]);
  expect(calls.enter('a')).toBeInstanceOf(Promise);
});

test('a success lets everybody go, for good', async () => {
  const calls = create();
  expect([calls.enter('a'), calls.enter('a')]).toEqual([true, true]);
  const waiting = [calls.enter('a'), calls.enter('a')].map((entered) => Promise.resolve(entered));
  calls.succeeded('a');
  await Promise.all(waiting);
  expect(Array.from({ length: 50 }, () => calls.enter('a')).every((entered) => entered === true)).toBe(true);
});

test('one that goes out lets everybody go elsewhere', async () => {
  const calls = create();
  expect([calls.enter('a'), calls.enter('a')]).toEqual([true, true]);
  const waiting = [calls.enter('a'), calls.enter('a')].map((entered) => Promise.resolve(entered));
  calls.ended('a', true);
  await Promise.all(waiting);
});

test('nobody waits longer than a quarter of a second for slow ones', async () => {
  vi.useFakeTimers();
  try {
    const calls = create();
    expect([calls.enter('a'), calls.enter('a')]).toEqual([true, true]);
    const third = calls.enter('a');
    vi.advanceTimersByTime(250);
    clock.at += 250;
    await third;
    expect([calls.enter('a'), calls.enter('a'), calls.enter('a')]).toEqual([true, true, true]);
  } finally {
    vi.useRealTimers();
  }
});
