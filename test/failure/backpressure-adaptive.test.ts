import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { chat } from '../support/chat-client.ts';
import { get } from '../support/books.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { startTimedProvider, type TimedProvider } from '../support/timed-provider.ts';

/** A provider that is at its best with 16 calls at a time: beyond them each one makes all of them slower. */
const BEST_CALLS = 16;
const CALL_MS = 100;
const takesMs = (calls: number): number => CALL_MS * Math.max(1, calls / BEST_CALLS) ** 2;
const CONNECTIONS = 96;
const SETTLE_MS = 12_000;
const MEASURE_MS = 6_000;

let provider: TimedProvider;
let headrace: RunningHeadrace;

beforeAll(async () => {
  provider = await startTimedProvider({ takesMs });
  headrace = await startHeadrace({
    config: [
      'model_list:',
      `  - {model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x}, model_info: {id: m}}`,
      'headrace: {pools: {openai: {concurrency: auto}}}',
    ].join('\n'),
  });
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

test('concurrency auto settles where the provider serves nearly the most', async () => {
  let ended = false;
  const target = { url: headrace.url, key: headrace.masterKey };
  const statuses = new Set<number>();
  const clients = Array.from({ length: CONNECTIONS }, async (_, client) => {
    while (!ended) statuses.add((await chat(target, { model: 'm', messages: [{ role: 'user', content: `c${client}` }] })).status);
  });
  const startedAt = Date.now();
  const answered = (from: number, to: number): number => provider.calls.filter(({ at }) => at >= from && at < to).length;
  await waitFor(() => Date.now() - startedAt > SETTLE_MS + MEASURE_MS, {
    what: 'the measurement',
    timeoutMs: SETTLE_MS + MEASURE_MS + 5_000,
  });
  const metrics = parseMetrics(await (await get(headrace, '/metrics')).text());
  ended = true;
  await Promise.all(clients);

  const goodput = answered(startedAt + SETTLE_MS, startedAt + SETTLE_MS + MEASURE_MS) / (MEASURE_MS / 1_000);
  // what a fixed number of calls at a time gives at best: 16 of them, each 100 ms, and what the timers and sockets add to these
  const best = BEST_CALLS / (CALL_MS / 1_000);
  expect(goodput).toBeGreaterThan(0.75 * best);
  expect([...statuses]).toEqual([200]);
  const limit = sumOf(metrics, 'headrace_worker_adaptive_limit', { deployment: 'm' });
  expect(limit).toBeGreaterThanOrEqual(BEST_CALLS / 2);
  expect(limit).toBeLessThanOrEqual(2 * BEST_CALLS);
}, 90_000);
