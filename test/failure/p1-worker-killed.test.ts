import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey, readBooks, readMeter } from '../support/books.ts';
import { type ChatTarget, readStream, sandboxCall, startChat } from '../support/chat-client.ts';
import { runLoad } from '../support/load.ts';

/** Promise 1: once a job is accepted, kill -9 of any one process ends in an answer or a clear error. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace.stop());

const PROVIDER_MS = 1_500;
const KILLS_UNDER_LOAD = 3;
/** The promise: five seconds plus the provider's own time. */
const WITHIN_MS = 5_000 + PROVIDER_MS;

async function providerBusy(): Promise<void> {
  await waitFor(async () => (await readMeter(headrace)).inFlight > 0, { what: 'the provider to have the call' });
}

test('a worker killed while it waits for the provider costs the client a few seconds, not its answer', async () => {
  const call = startChat(target, sandboxCall({ first_token_ms: PROVIDER_MS, text: 'here I am' }));
  await providerBusy();
  const killedAt = performance.now();
  await headrace.kill('worker');
  const answer = await call.answer;
  expect(answer.status).toBe(200);
  expect(answer.clean).toBe(true);
  expect(JSON.parse(answer.text).choices[0].message.content).toBe('here I am');
  expect(answer.headers['x-headrace-attempts']).toBe('2');
  expect(performance.now() - killedAt).toBeLessThan(WITHIN_MS);

  const rows = await awaitRows(headrace, answer.headers['x-headrace-job-id'], 2);
  expect(rows.map((row) => row.headrace.status)).toEqual(['lost', 'success']);
  expect(rows[0]?.prompt_tokens).toBeGreaterThan(0);
});

test('a stream whose worker dies before its first token starts again unseen', async () => {
  const call = startChat(target, sandboxCall({ first_token_ms: PROVIDER_MS, tokens: 20, numbered: true }, { stream: true }));
  await providerBusy();
  await headrace.kill('worker');
  const reading = readStream((await call.answer).text);
  expect(reading).toMatchObject({ done: true, finishReason: 'stop', error: undefined });
  expect(reading.text.trim().split(' ')).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`));
});

test('a stream whose worker dies after its first tokens ends with an error event', async () => {
  const call = startChat(target, sandboxCall({ tokens: 400, tokens_per_second: 40, numbered: true }, { stream: true }));
  const head = await call.head;
  expect(head.statusCode).toBe(200);
  await waitFor(() => head.readableFlowing && head.socket.bytesRead > 2_000, { what: 'the first tokens' });
  await headrace.kill('worker');
  const answer = await call.answer;
  const reading = readStream(answer.text);
  expect(reading.done).toBe(false);
  expect(reading.error?.code).toBe('worker_lost');
  const tokens = reading.text.trim().split(' ');
  expect(tokens).toEqual(tokens.map((_, i) => `t${i}`));
});

test('each call that the provider has seen is booked, also those of the moment in which their worker was killed', async () => {
  let killing = true;
  const load = runLoad({ target, connections: 32, body: () => sandboxCall({ first_token_ms: 25, tokens: 3 }), until: () => !killing });
  for (let kills = 0; kills < KILLS_UNDER_LOAD; kills++) {
    const { completed } = await readMeter(headrace);
    await waitFor(async () => (await readMeter(headrace)).completed > completed + 100, { what: 'calls to end again' });
    await headrace.kill('worker');
  }
  killing = false;
  const { answers, broken } = await load;
  expect(broken).toBe(0);
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);

  const { requests } = await readMeter(headrace);
  // more than seen is possible: a call that was announced and had not left
  await waitFor(async () => (await readBooks(headrace)).attempts >= requests, { what: `a row for each of ${requests} calls` });
}, 60_000);
