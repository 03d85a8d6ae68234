import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, readBooks } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { type FaultyProvider, startFaultyProvider } from '../support/faulty-provider.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** A dead primary with a healthy fallback, over two ingress and two worker processes: what all of them waste on it is a probe per cooldown. */
const REQUESTS = 1_000;
const AT_A_TIME = 50;
const COOLDOWN_S = 1;
const MOST_PROBES_PER_COOLDOWN = 5;

let provider: FaultyProvider;
let headrace: RunningHeadrace;
let replicas: Replica[];

beforeAll(async () => {
  provider = await startFaultyProvider({ answerAfterMs: 40 });
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: primary, litellm_params: { model: openai/overloaded, api_base: "${provider.url}", api_key: k } }
  - { model_name: backup, litellm_params: { model: openai/fine, api_base: "${provider.url}", api_key: k } }
router_settings: { num_retries: 2, cooldown_time: ${COOLDOWN_S}, fallbacks: [{ primary: [backup] }] }
`,
  });
  replicas = await Promise.all([startReplica(headrace, 'ingress'), startReplica(headrace, 'worker')]);
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await headrace.stop();
  provider.close();
});

test('none of 1,000 requests fails, and at most 5 calls per cooldown go to the dead primary', async () => {
  const key = await createKey(headrace);
  const urls = [headrace.url, replicas[0]?.url ?? ''];
  const answers: ChatAnswer[] = [];
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < REQUESTS) {
      const url = urls[(sent += 1) % urls.length] ?? '';
      answers.push(await chat({ url, key }, { model: 'primary', messages: [{ role: 'user', content: 'Hello there' }] }));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));

  expect(answers).toHaveLength(REQUESTS);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.every(({ headers }) => headers['x-headrace-fallback'] === 'backup')).toBe(true);
  const wasted = provider.calls('overloaded');
  expect(wasted).toBeGreaterThan(1);
  const times = provider.times('overloaded');
  const inOneCooldown = times.map((from) => times.filter((at) => at >= from && at < from + COOLDOWN_S * 1_000).length);
  expect(Math.max(...inOneCooldown)).toBeLessThanOrEqual(MOST_PROBES_PER_COOLDOWN);
  expect(provider.calls('fine')).toBe(REQUESTS);
  const books = await waitFor(
    async () => {
      const found = await readBooks(headrace);
      return found.attempts >= REQUESTS + wasted && found;
    },
    { what: 'all attempts in the ledger' },
  );
  expect(books.attempts).toBe(REQUESTS + wasted);

  provider.heal('overloaded');
  await waitFor(
    async () => {
      const answer = await chat({ url: headrace.url, key }, { model: 'primary', messages: [{ role: 'user', content: 'Hello there' }] });
      return answer.headers['x-headrace-fallback'] === undefined;
    },
    { what: 'the primary to be back', timeoutMs: 10_000, intervalMs: 100 },
  );
});
