import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { chat, type ChatTarget, sandboxCall } from '../support/chat-client.ts';
import { createKey, readMeter } from '../support/books.ts';
import { awaitJob, sendAway } from '../support/job-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** What a job in the background may cost stays reserved when the ingress that asked for it, and then the leader that holds it, die. */
let headrace: RunningHeadrace;
let replica: Replica;

beforeAll(async () => {
  headrace = await startHeadrace();
  replica = await startReplica(headrace, 'ingress');
});
afterAll(async () => {
  await replica?.stop();
  await headrace?.stop();
});

test('a budget that a background job holds is not given to another over a kill -9 of its ingress and of the leader of admission', async () => {
  const key = await createKey(headrace, { max_parallel_requests: 1, max_budget: 10 });
  const first: ChatTarget = { url: headrace.url, key };
  const second: ChatTarget = { url: replica.url, key };
  const id = await sendAway(first, sandboxCall({ first_token_ms: 25_000, text: 'slow' }));
  await waitFor(async () => (await readMeter(headrace)).inFlight > 0, { what: 'the provider to have the call' });
  const refused = async (): Promise<void> => {
    const answer = await chat(second, sandboxCall({ text: 'too many' }), { 'x-headrace-deadline-ms': '4000' });
    expect(answer.status).toBe(429);
  };
  await headrace.kill('ingress');
  await refused();
  // well over the time after which a silent ingress counts as dead
  const silentUntil = Date.now() + 12_000;
  await waitFor(() => Date.now() > silentUntil, { what: 'the ingress to be forgotten', timeoutMs: 20_000 });
  await refused();
  await headrace.kill('accounting');
  await waitFor(async () => (await chat(second, sandboxCall({ text: 'x' }), { 'x-headrace-deadline-ms': '4000' })).status === 429, {
    what: 'the next leader to know of it',
    timeoutMs: 8_000,
  });
  expect(await awaitJob(second, id, 40_000)).toMatchObject({ status: 'succeeded' });
  const free = await waitFor(
    async () => {
      const answer = await chat(second, sandboxCall({ text: 'free again' }));
      return answer.status === 200 && answer;
    },
    { what: 'the place to be free', timeoutMs: 10_000 },
  );
  expect(free.status).toBe(200);
}, 120_000);
