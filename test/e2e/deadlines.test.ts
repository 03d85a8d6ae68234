import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { get, type LedgerRow, readMeter } from '../support/books.ts';
import { chat, type ChatTarget, sandboxCall, startChat } from '../support/chat-client.ts';

/** A request is answered by its deadline, and nobody pays for an answer that comes after it. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeEach(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: headrace.masterKey };
});
afterEach(() => headrace.stop());

const deadline = (ms: number) => ({ 'x-headrace-deadline-ms': String(ms) });

test('a request that nobody takes from the queue is a 504 queue_timeout at its deadline', async () => {
  await headrace.kill('worker', 'SIGSTOP');
  const startedAt = performance.now();
  const answer = await chat(target, sandboxCall({ text: 'late' }), deadline(700));
  await headrace.kill('worker', 'SIGCONT');
  expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([504, 'queue_timeout']);
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect((await chat(target, sandboxCall({ text: 'in time' }))).status).toBe(200);
  expect((await readMeter(headrace)).requests).toBe(1);
});

test('a job that is taken from the queue after its deadline never reaches the provider, and the ledger says why', async () => {
  await headrace.kill('worker', 'SIGSTOP');
  const call = startChat(target, sandboxCall({ text: 'late' }, { user: 'late-one' }), deadline(2_000));
  await waitFor(async () => (await inFlight()) === 1, { what: 'the job to be accepted' });
  // its own deadline began when it arrived, so before this moment
  const deadlineAt = performance.now() + 2_000;
  // without the ingress nobody takes the job out of the queue
  await headrace.kill('ingress');
  await call.answer.catch(() => undefined);
  await waitFor(() => performance.now() > deadlineAt, { what: 'the deadline to pass' });
  await headrace.kill('worker', 'SIGCONT');
  const row = await waitFor(async () => (await rows())[0], { what: 'the attempt in the ledger', timeoutMs: 20_000 });
  expect(row).toMatchObject({ end_user: 'late-one', status: 'failure', spend: 0, headrace: { error_code: 'queue_timeout' } });
  expect((await readMeter(headrace)).requests).toBe(0);
});

async function inFlight(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', headrace.url))).text();
  return Number(/^headrace_requests_in_flight\{.*\} (\d+)$/m.exec(text)?.[1]);
}

async function rows(): Promise<LedgerRow[]> {
  const answer = await get(headrace, '/spend/logs');
  return (await answer.json()) as LedgerRow[];
}
