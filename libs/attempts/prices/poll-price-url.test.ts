import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTempFolder, waitFor } from '#testing';
import { type BookHolder, createBookHolder } from './book-holder.ts';
import { pollPriceUrl } from './poll-price-url.ts';
import type { PriceWatch } from './watch-price-file.ts';

const HOUR_MS = 3_600_000;
let folder: Awaited<ReturnType<typeof createTempFolder>>;
let copy: string;
let holder: BookHolder;
let poll: PriceWatch | undefined;
let failures: string[];
let fetched: number;
let answer: () => string;

beforeEach(async () => {
  folder = await createTempFolder();
  copy = join(folder.path, 'copy.json');
  failures = [];
  fetched = 0;
  const gauge = (name: string) => new Gauge({ name, help: name, labelNames: ['source'], registers: [new Registry()] });
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void failures.push(JSON.stringify(fields)) };
  holder = createBookHolder({ source: 'url', name: 'address', copy, strict: false, log, ok: gauge('ok'), models: gauge('models') });
});
afterEach(async () => {
  vi.useRealTimers();
  poll?.stop();
  await folder.remove();
});

const models = (count: number, more = ''): string => {
  const entries = Array.from({ length: count }, (_, index) => `"m${index}": {"input_cost_per_token": 1}`);
  return `{${entries.join(',')}${more}}`;
};

async function start(): Promise<PriceWatch> {
  const fetchText = (): Promise<string> => {
    fetched += 1;
    return Promise.resolve().then(answer);
  };
  poll = await pollPriceUrl({ fetchText, intervalMs: HOUR_MS, now: Date.now }, holder);
  return poll;
}

test('prices are fetched in the background and kept on disk', async () => {
  answer = () => models(4);
  await start();
  await waitFor(() => stat(copy).catch(() => undefined), { what: 'the copy' });
  expect(holder.book()?.models).toBe(4);
});

test('a copy younger than the interval is used instead of asking again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  answer = () => models(5);
  await writeFile(copy, models(4));
  await start();
  vi.advanceTimersByTime(HOUR_MS / 2);
  expect(holder.book()?.models).toBe(4);
  expect(fetched).toBe(0);
  vi.advanceTimersByTime(HOUR_MS);
  expect(fetched).toBe(1);
  poll?.stop();
  vi.useRealTimers();
  await waitFor(() => holder.book()?.models === 5, { what: 'the newer prices' });
});

test('a copy older than the interval is used until the answer comes', async () => {
  answer = () => models(5);
  await writeFile(copy, models(4));
  const longAgo = Date.now() / 1_000 - 7_200;
  await utimes(copy, longAgo, longAgo);
  await start();
  expect(holder.book()?.models).toBe(4);
  await waitFor(() => holder.book()?.models === 5, { what: 'the newer prices' });
});

test.each([
  [
    'does not answer',
    () => {
      throw new Error('answered 500');
    },
  ],
  ['answers a page', () => '<html>'],
  ['has lost most of its models', () => models(1)],
])('when the address %s the last good prices stay', async (_what, odd) => {
  answer = () => models(4);
  const { check } = await start();
  await check();
  answer = odd;
  await check();
  expect(holder.book()?.models).toBe(4);
  expect(failures).toHaveLength(1);
});

test('one odd entry does not keep all others out', async () => {
  answer = () => models(4, ',"odd": {"input_cost_per_token": -1}');
  const { check } = await start();
  await check();
  expect(holder.book()?.models).toBe(4);
  expect(failures).toEqual([]);
});
