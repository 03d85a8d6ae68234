import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Batcher, createBatcher } from './batcher.ts';

const LINGER_MS = 100;
let batches: Batcher<number>;

beforeEach(() => {
  vi.useFakeTimers();
  batches = createBatcher({ maxMessages: 3, lingerMs: LINGER_MS });
});
afterEach(() => vi.useRealTimers());

const add = (...items: number[]): void => items.forEach((item) => batches.add(item));

/** A `take` that can be looked at before it is done. */
function taking(): { batch: readonly number[] | undefined } {
  const look: { batch: readonly number[] | undefined } = { batch: undefined };
  void batches.take().then((batch) => (look.batch = batch));
  return look;
}

test('a full batch is handed out at once, in order', async () => {
  const taken = taking();
  add(1, 2, 3);
  await vi.advanceTimersByTimeAsync(0);
  expect(taken.batch).toEqual([1, 2, 3]);
  expect(batches.size()).toBe(0);
});

test('a batch that is not full waits for company, counted from its first item', async () => {
  const taken = taking();
  add(1);
  await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
  add(2);
  expect(taken.batch).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(taken.batch).toEqual([1, 2]);
});

test('what one batch leaves over is the next one, without another wait', async () => {
  add(1, 2, 3, 4);
  expect(await batches.take()).toEqual([1, 2, 3]);
  expect(await batches.take()).toEqual([4]);
});

test('a take waits for an item, although the time of those handed out before it runs out meanwhile', async () => {
  add(1, 2, 3, 4);
  expect(await batches.take()).toEqual([1, 2, 3]);
  // joins the left-over, which is ripe, and starts the wait of its own
  add(5);
  expect(await batches.take()).toEqual([4, 5]);
  const next = taking();
  await vi.advanceTimersByTimeAsync(10 * LINGER_MS);
  expect(next.batch).toBeUndefined();
  add(6);
  await vi.advanceTimersByTimeAsync(LINGER_MS);
  expect(next.batch).toEqual([6]);
});

test('an item after a take waits its whole time, not the rest of an earlier one', async () => {
  add(1, 2, 3, 4);
  await batches.take();
  add(5);
  await batches.take();
  await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
  const next = taking();
  add(6);
  await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
  expect(next.batch).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(next.batch).toEqual([6]);
});

test('what is called ripe is handed out without a wait', async () => {
  const taken = taking();
  add(1);
  batches.ripen();
  await vi.advanceTimersByTimeAsync(0);
  expect(taken.batch).toEqual([1]);
});

test('nothing is not ripe: the next item has its wait', async () => {
  batches.ripen();
  add(1);
  const taken = taking();
  await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
  expect(taken.batch).toBeUndefined();
});

test('after the end it hands out what it holds, and then nothing, at once', async () => {
  const waiting = taking();
  add(1);
  batches.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(waiting.batch).toEqual([1]);
  expect(await batches.take()).toEqual([]);
  expect(await batches.take()).toEqual([]);
});
