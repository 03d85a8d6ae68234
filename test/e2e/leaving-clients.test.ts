import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, readBooks, readMeter } from '../support/books.ts';
import { chat, type ChatTarget, sandboxCall, startChat } from '../support/chat-client.ts';
import { type MetricSample, parseMetrics, sumOf } from '../support/metrics-text.ts';

let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace.stop());

const CLIENTS = 150;
/** The last of a wave leaves after that long: some jobs are queued then, some called, some answer. */
const LAST_LEAVES_AFTER_MS = 150;

/** Lasts for seconds: nobody stays until its end. */
const LONG = { tokens: 2_000, tokens_per_second: 500, first_token_ms: 15 };

/** A request whose client leaves after a while, wherever its job is by then: counted from its start, or for every third from its first bytes. */
async function leave(client: number): Promise<void> {
  const fromFirstBytes = client % 3 === 0;
  const call = startChat(target, sandboxCall(LONG, { stream: fromFirstBytes || client % 2 === 0 }));
  const head = call.head.then(
    (response) => response.on('error', () => undefined),
    () => undefined,
  );
  if (fromFirstBytes) await head;
  await setTimeout((client / CLIENTS) * LAST_LEAVES_AFTER_MS);
  call.abort();
}

test('clients that leave at any moment leave nothing running behind, and every accepted job is booked once', async () => {
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => leave(client)));
  const samples = await waitFor(quiet, { what: 'everything to come to rest', timeoutMs: 20_000, intervalMs: 100 });
  const meter = await readMeter(headrace);
  expect(meter.completed + meter.aborted).toBe(meter.requests);
  expect(meter.aborted).toBeGreaterThan(0);
  const answered = sumOf(samples, 'headrace_requests_total', { route: '/v1/chat/completions' });
  expect(answered).toBeLessThanOrEqual(CLIENTS);
  const booked = await waitFor(
    async () => {
      const { attempts } = await readBooks(headrace);
      return attempts >= meter.requests && attempts;
    },
    { what: 'every call of the provider to be booked' },
  );
  // a job whose client left while it was queued is taken out of the queue and was never an attempt
  expect(booked).toBeLessThanOrEqual(answered);
  expect((await chat(target, sandboxCall({ text: 'still here' }))).status).toBe(200);
});

/** The metrics once no job is held anywhere and every event is in the ledger. */
async function quiet(): Promise<MetricSample[] | false> {
  const samples = parseMetrics(await (await fetch(new URL('/metrics', headrace.url))).text());
  const busy = ['headrace_requests_in_flight', 'headrace_worker_running_jobs', 'headrace_ledger_lag_events'];
  const held = busy.reduce((sum, name) => sum + sumOf(samples, name), (await readMeter(headrace)).inFlight);
  const attempts = sumOf(samples, 'headrace_worker_attempts_total');
  return held === 0 && attempts > 0 && attempts <= sumOf(samples, 'headrace_ledger_events_total', { outcome: 'inserted' }) && samples;
}
