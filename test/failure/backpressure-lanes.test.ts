import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bus } from '#bus';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get } from '../support/books.ts';
import { startChat } from '../support/chat-client.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { connectTo, publishJobs } from '../support/queue-client.ts';
import { startTimedProvider, type TimedProvider } from '../support/timed-provider.ts';

/** Promise 9: batches never starve people, and within a lane one noisy key delays nobody by more than a job's length. */
/** Jobs take 300 to 500 ms, so that slots don't come free all at once. */
const LONGEST_JOB_MS = 500;
const jobMs = (nth: number): number => 300 + ((nth * 70) % 210);
const SLOTS = 4;
const BACKLOG = 10_000;

let provider: TimedProvider;
let headrace: RunningHeadrace;
let bus: Bus;

beforeAll(async () => {
  provider = await startTimedProvider({ takesMs: () => jobMs(provider.calls.length) });
  headrace = await startHeadrace({
    config: [
      'model_list:',
      `  - {model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x}, model_info: {id: m}}`,
      `headrace: {pools: {openai: {concurrency: ${SLOTS}}}}`,
    ].join('\n'),
  });
  bus = await connectTo(headrace);
});
afterAll(async () => {
  await bus.close();
  await headrace.stop();
  provider.close();
});

const ask = (key: string, text: string) =>
  startChat({ url: headrace.url, key }, { model: 'm', messages: [{ role: 'user', content: text }] });
const seen = (prefix: string) => provider.calls.filter(({ text }) => text.startsWith(prefix));
const publishBatch = (id: string, jobs: number) => {
  const candidate = { deploymentId: 'm', modelGroup: 'm', provider: 'openai', tier: 'standard' };
  const body = { model: 'm', messages: [{ role: 'user', content: 'batch' }] };
  return publishJobs(bus, { lane: 'batch', plan: [candidate], model: 'm', id }, Array<object>(jobs).fill(body));
};
const queueMs = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => Number(headers['x-headrace-queue-ms']);

describe('a noisy key with 500 requests waiting', () => {
  test('delays a quiet key’s single request by one job’s length at most, and goes on itself', async () => {
    const [noisy, quiet, other] = await Promise.all([createKey(headrace), createKey(headrace), createKey(headrace)]);
    const flood = Array.from({ length: 500 }, (_, index) => ask(noisy, `noisy ${index}`));
    await waitFor(() => seen('noisy').length >= SLOTS, { what: 'the flood' });
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([ask(quiet, `quiet ${round}`).answer, ask(other, `other ${round}`).answer]);
      for (const answer of answers) {
        expect(answer.status).toBe(200);
        expect(queueMs(answer)).toBeLessThan(LONGEST_JOB_MS + 100);
      }
    }
    const before = seen('noisy').length;
    await waitFor(() => seen('noisy').length >= before + 2 * SLOTS, { what: 'the noisy key to be served' });
    for (const { abort } of flood) abort();
    // those that waited leave the queue without a call
    await waitFor(() => provider.inFlight === 0, { what: 'quiet' });
    expect(seen('noisy').length).toBeLessThan(100);
    expect(provider.mostInFlight).toBeLessThanOrEqual(SLOTS);
  }, 60_000);
});

describe('live requests that came in a burst and were cancelled', () => {
  test('leave their slots to the batch jobs at once, not when their pulls expire', async () => {
    const key = await createKey(headrace);
    const waits: number[] = [];
    for (let round = 0; round < 5; round++) {
      const burst = Array.from({ length: 200 }, (_, index) => ask(key, `burst ${round} ${index}`));
      await waitFor(() => provider.inFlight === SLOTS, { what: 'the burst' });
      for (const { abort } of burst) abort();
      await waitFor(() => provider.inFlight === 0, { what: 'quiet' });
      const before = performance.now();
      await publishBatch(`after-burst-${round}`, 40);
      await waitFor(() => provider.inFlight === SLOTS, { what: 'the batch to fill the slots' });
      waits.push(performance.now() - before);
      await waitFor(() => provider.inFlight === 0, { what: 'the end of the batch' });
    }
    // two of five may have met a machine that is in use
    expect(waits.toSorted((a, b) => a - b)[2], waits.join()).toBeLessThan(1_700);
  }, 60_000);
});

describe('a backlog of 10,000 batch jobs', () => {
  test('adds less than a job’s length to the wait of live requests, and still moves', async () => {
    await publishBatch('backlog', BACKLOG);
    await waitFor(() => provider.inFlight === SLOTS, { what: 'the batch to fill the slots' });

    const key = await createKey(headrace);
    const waits: number[] = [];
    // alone, and three at a time
    for (let round = 0; round < 12; round++) waits.push(queueMs(await ask(key, `live ${round}`).answer));
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all([0, 1, 2].map((index) => ask(key, `live ${round}.${index}`).answer));
      waits.push(...answers.map(queueMs));
    }
    expect(Math.max(...waits)).toBeLessThan(LONGEST_JOB_MS);

    // while live requests never stop, batch keeps its share
    let ended = false;
    const flood = Array.from({ length: 8 }, async (_, index) => {
      for (let round = 0; !ended; round++) await ask(key, `flood ${index} ${round}`).answer;
    });
    await waitFor(() => seen('flood').length >= 2 * SLOTS, { what: 'the flood' });
    const [liveBefore, batchBefore] = [seen('flood').length, seen('batch').length];
    await waitFor(() => seen('flood').length >= liveBefore + 80, { what: '80 live calls', timeoutMs: 30_000 });
    ended = true;
    const batchShare = (seen('batch').length - batchBefore) / (seen('flood').length - liveBefore);
    expect(batchShare).toBeGreaterThan(0.08);
    expect(batchShare).toBeLessThan(0.3);
    await Promise.all(flood);

    const metrics = parseMetrics(await (await get(headrace, '/metrics')).text());
    expect(sumOf(metrics, 'headrace_worker_started_jobs_total', { lane: 'batch' })).toBeGreaterThan(50);
    expect(sumOf(metrics, 'headrace_worker_slots', { provider: 'openai' })).toBe(SLOTS);
  }, 120_000);
});
