import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey, meterPicoUsd, readBooks, readMeter } from '../support/books.ts';
import { chat, type ChatTarget, readStream, sandboxCall, startChat } from '../support/chat-client.ts';

/** Promise 1 for the processes other than the worker. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace.stop());

const NUMBERS = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);

async function providerBusy(): Promise<void> {
  await waitFor(async () => (await readMeter(headrace)).inFlight > 0, { what: 'the provider to have the call' });
}

test('an answer does not need accounting, and its row is written when accounting is back', async () => {
  const call = startChat(target, sandboxCall({ first_token_ms: 800, text: 'still here' }));
  await providerBusy();
  await headrace.kill('accounting');
  const answer = await call.answer;
  expect(answer.status).toBe(200);
  const [row] = await awaitRows(headrace, answer.headers['x-headrace-job-id'], 1, 20_000);
  expect(row?.headrace.status).toBe('success');
});

test('a client that waits keeps its connection and gets its answer over a kill -9 of nats-server', async () => {
  const call = startChat(target, sandboxCall({ first_token_ms: 2_000, text: 'after the restart' }));
  await providerBusy();
  await headrace.kill('nats-server');
  const answer = await call.answer;
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text).choices[0].message.content).toBe('after the restart');
  expect(answer.headers['x-headrace-attempts']).toBe('1');
});

test('a stream goes on over a kill -9 of nats-server without a lost or doubled token', async () => {
  const call = startChat(target, sandboxCall({ tokens: 200, tokens_per_second: 50, numbered: true }, { stream: true }));
  const head = await call.head;
  await waitFor(() => head.socket.bytesRead > 2_000, { what: 'the first tokens' });
  await headrace.kill('nats-server');
  const reading = readStream((await call.answer).text);
  expect(reading).toMatchObject({ done: true, finishReason: 'stop', error: undefined });
  expect(reading.text.trim().split(' ')).toEqual(NUMBERS(200));
});

test('a request that comes while nats-server restarts waits for it instead of failing', async () => {
  await headrace.kill('nats-server');
  const answer = await chat(target, sandboxCall({ text: 'accepted late' }));
  expect(answer.status).toBe(200);
});

test('a killed ingress cuts its clients off, and their jobs are settled and billed, not run again', async () => {
  const before = await readMeter(headrace);
  const calls = Array.from({ length: 5 }, () => startChat(target, sandboxCall({ tokens: 40, tokens_per_second: 20 })));
  await waitFor(async () => (await readMeter(headrace)).inFlight === 5, { what: 'the provider to have the calls' });
  await headrace.kill('ingress');
  const outcomes = await Promise.allSettled(calls.map((call) => call.answer));
  expect(outcomes.every((outcome) => outcome.status === 'rejected' || !outcome.value.clean)).toBe(true);

  await waitFor(async () => (await chat(target, sandboxCall({ text: 'back' }))).status === 200, {
    what: 'the ingress to be back',
    timeoutMs: 15_000,
  });
  const after = await waitFor(
    async () => {
      const meter = await readMeter(headrace);
      return meter.inFlight === 0 && meter;
    },
    { what: 'the provider to be idle' },
  );
  expect(after.requests - before.requests).toBe(6);
});

test('at the end every attempt the provider billed is in the ledger', async () => {
  const meter = await readMeter(headrace);
  const books = await waitFor(
    async () => {
      const read = await readBooks(headrace);
      return read.attempts >= meter.requests && read;
    },
    { what: 'the ledger to catch up', timeoutMs: 15_000 },
  );
  expect(books.attempts).toBe(meter.requests);
  expect(books.picoUsd).toBeGreaterThan(0n);
  if (meter.aborted === 0) expect(books.picoUsd).toBe(meterPicoUsd(meter));
});
