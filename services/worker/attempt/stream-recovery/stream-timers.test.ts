import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StreamTimeouts } from '#config';
import { createStreamTimers, type StreamTimers } from './stream-timers.ts';

let errors: string[];
let isWaiting: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  errors = [];
  isWaiting = false;
});
afterEach(() => {
  vi.useRealTimers();
});

function start(limits: StreamTimeouts): StreamTimers {
  return createStreamTimers({
    limits,
    waiting: () => isWaiting,
    onTimeout: (error) => errors.push(`${error.code} ${error.retry}: ${error.message}`),
  });
}

test('a first token that does not come is a time-out that another attempt may make good', () => {
  start({ firstTokenMs: 500 });
  vi.advanceTimersByTime(499);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(errors).toEqual(['upstream_timeout anywhere: The provider sent no first token within 500 ms.']);
});

test('silence after content is a stall, however long the answer has been coming', () => {
  const timers = start({ firstTokenMs: 500, interChunkMs: 300 });
  for (let i = 0; i < 10; i += 1) {
    vi.advanceTimersByTime(299);
    timers.progress();
  }
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(300);
  expect(errors).toEqual(['upstream_timeout anywhere: The provider stopped in the middle of its answer: nothing for 300 ms.']);
});

test('silence because the client is slow is no stall', () => {
  start({ interChunkMs: 300 }).progress();
  isWaiting = true;
  vi.advanceTimersByTime(5_000);
  expect(errors).toEqual([]);
  isWaiting = false;
  vi.advanceTimersByTime(300);
  expect(errors).toHaveLength(1);
});

test('the whole attempt has a limit, also while content comes', () => {
  const timers = start({ interChunkMs: 300, totalMs: 1_000 });
  for (let i = 0; i < 5; i += 1) {
    vi.advanceTimersByTime(200);
    timers.progress();
  }
  expect(errors).toEqual(['upstream_timeout anywhere: The provider’s answer was not complete within 1000 ms.']);
});

test('nothing fires after the end, and without limits nothing is armed', () => {
  const timers = start({ firstTokenMs: 1, interChunkMs: 1, totalMs: 1 });
  timers.progress();
  timers.stop();
  start({});
  expect(vi.getTimerCount()).toBe(0);
});
