import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { type ChatAnswer, chat, startChat } from '../support/chat-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { mostInWindow, startTimedProvider, type TimedProvider } from '../support/timed-provider.ts';

/** Promise 6: while a provider is at its limit requests wait their turn; only what can't be served in time is refused. */
const WINDOW_MS = 6_000;
const RPM = 60;

let provider: TimedProvider;
let headrace: RunningHeadrace;
let second: Replica;

beforeAll(async () => {
  provider = await startTimedProvider({
    takesMs: (_inFlight, text) => (text.startsWith('slow') ? 400 : 30),
    answer: ({ text }, response) => {
      if (!text.startsWith('limited') || provider.calls.filter((call) => call.text === text).length > 1) return false;
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' }).end('{"error":{"message":"slow down"}}');
      return true;
    },
  });
  const deployment = (name: string, limits: string) =>
    `  - {model_name: ${name}, litellm_params: {model: openai/${name}, api_base: "${provider.url}", api_key: x, ${limits}}}`;
  headrace = await startHeadrace({
    config: [
      'model_list:',
      deployment('sixty', `rpm: ${RPM}`),
      deployment('again', `rpm: ${RPM}`),
      deployment('two', 'max_parallel_requests: 2'),
      deployment('paused', 'rpm: 1000'),
      deployment('slowly', 'rpm: 2'),
      deployment('free', 'tags: []'),
      `headrace: {queue: {limit_window_s: ${WINDOW_MS / 1_000}, waiting_comment_s: 1}}`,
    ].join('\n'),
  });
  second = await startReplica(headrace, 'worker');
});
afterAll(async () => {
  await second.stop();
  await headrace.stop();
  provider.close();
});

let seenBefore = 0;
beforeEach(() => {
  seenBefore = provider.calls.length;
});
const seen = (prefix: string) => provider.calls.slice(seenBefore).filter(({ text }) => text.startsWith(prefix));
const ask = (key: string, model: string, text: string, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  startChat({ url: headrace.url, key }, { model, messages: [{ role: 'user', content: text }], ...more }, headers);

describe('RPM 60 shared by two workers', () => {
  test('200 requests at once: the provider never sees more than 60 in a window, all are answered, in order of arrival within a key', async () => {
    const keys = await Promise.all([0, 1, 2, 3].map(() => createKey(headrace)));
    const answers: Promise<ChatAnswer>[] = [];
    for (let index = 0; index < 50; index++) {
      for (const [number, key] of keys.entries()) answers.push(ask(key, 'sixty', `burst ${number} ${index}`).answer);
      // the order of arrival is known when the requests before have been accepted
      await waitFor(() => new Promise((resolve) => setImmediate(() => resolve(true))), { what: 'a turn', intervalMs: 0 });
    }
    const all = await Promise.all(answers);
    expect(all.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);

    const calls = seen('burst');
    expect(calls).toHaveLength(200);
    expect(mostInWindow(calls, WINDOW_MS)).toBeLessThanOrEqual(RPM);
    // 60 at once, and again whenever they have left the window
    expect((calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0)).toBeLessThan(3 * WINDOW_MS + 3_000);
    for (const number of keys.keys()) {
      const order = calls.filter(({ text }) => text.startsWith(`burst ${number} `)).map(({ text }) => Number(text.split(' ')[2]));
      expect(mostOvertaken(order)).toBeLessThanOrEqual(JITTER);
    }
    const waits = all.map(({ headers }) => Number(headers['x-headrace-queue-ms'])).sort((a, b) => a - b);
    expect(waits[0]).toBeLessThan(1_000);
    expect(waits.at(-1)).toBeGreaterThan(2 * WINDOW_MS);
    expect(all.every(({ headers }) => headers['x-headrace-attempts'] === '1')).toBe(true);
  }, 60_000);

  test('a worker that is killed while jobs wait for permits loses none of them, and the limit holds', async () => {
    const key = await createKey(headrace);
    const calls = Array.from({ length: 100 }, (_, index) => ask(key, 'again', `kill ${index}`).answer);
    await waitFor(() => seen('kill').length >= RPM, { what: 'the first window to be used' });
    await headrace.kill('worker');
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    expect(mostInWindow(seen('kill'), WINDOW_MS)).toBeLessThanOrEqual(RPM);
    expect(seen('kill').length).toBeGreaterThanOrEqual(100);
  }, 60_000);
});

/** Jobs of one key that are started at the same moment, up to 60 of them, reach the provider in any order. */
const JITTER = 20;

/** The most places by which a request was overtaken. */
function mostOvertaken(order: readonly number[]): number {
  return Math.max(
    ...order.map(
      (index, place) =>
        place - order.filter((other) => other < index).length + order.slice(place + 1).filter((other) => other < index).length,
    ),
  );
}

describe('max_parallel_requests', () => {
  test('holds over two workers, and everybody is served', async () => {
    const key = await createKey(headrace);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, provider.inFlight)), 5);
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(key, 'two', `slow ${index}`).answer));
    clearInterval(watch);
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(Math.max(...seen('slow').map(({ inFlight }) => inFlight))).toBe(2);
  }, 30_000);
});

describe('a deployment that is at its limit', () => {
  test('delays nobody else’s requests at the same provider', async () => {
    const key = await createKey(headrace);
    const waiting = Array.from({ length: 6 }, (_, index) => ask(key, 'slowly', `hold ${index}`));
    await waitFor(() => seen('hold').length === 2, { what: 'the limit to be reached' });
    const free = await chat({ url: headrace.url, key }, { model: 'free', messages: [{ role: 'user', content: 'free' }] });
    expect(free.status).toBe(200);
    expect(Number(free.headers['x-headrace-queue-ms'])).toBeLessThan(500);
    for (const { abort } of waiting) abort();
    // whose client has left is not called for any more: the next permit is for who is still there
    expect((await ask(key, 'slowly', 'still here').answer).status).toBe(200);
    expect(seen('hold')).toHaveLength(2);
  }, 30_000);

  test('a stream that waits is sent comments, and then its answer', async () => {
    const key = await createKey(headrace);
    const calls = [0, 1, 2].map((index) => ask(key, 'slowly', `comment ${index}`, { stream: true }));
    const last = await Promise.all(calls.map(({ answer }) => answer));
    const waited = last.filter(({ text }) => text.startsWith(': waiting\n\n'));
    expect(waited.length).toBeGreaterThan(0);
    for (const { status, text, headers } of last) {
      expect(status).toBe(200);
      expect(headers['content-type']).toContain('text/event-stream');
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    }
  }, 40_000);

  test('refuses at once what would wait beyond its deadline, with the limit and when to come again', async () => {
    const key = await createKey(headrace);
    const waiting = Array.from({ length: 8 }, (_, index) => ask(key, 'slowly', `full ${index}`));
    const refused = await waitFor(
      async () => {
        const answer = await ask(key, 'slowly', 'late', {}, { 'x-headrace-deadline-ms': '1500' }).answer;
        return answer.status === 429 && answer;
      },
      { what: 'a refusal', timeoutMs: 15_000 },
    );
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(refused.text).error).toMatchObject({ type: 'rate_limit_exceeded' });
    expect(refused.text).toContain('rpm 2');
    for (const { abort } of waiting) abort();
  }, 40_000);
});

describe('a 429 with Retry-After', () => {
  test('parks that deployment only: its request is sent again when the time has come, others are served meanwhile', async () => {
    const key = await createKey(headrace);
    const parked = ask(key, 'paused', 'limited once');
    await waitFor(() => seen('limited').length === 1, { what: 'the refusal' });
    const free = await ask(key, 'free', 'beside').answer;
    expect(free.status).toBe(200);
    const answer = await parked.answer;
    expect(answer.status).toBe(200);
    const [first, again] = seen('limited');
    expect((again?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_900);
    const rows = await waitFor(
      async () => {
        const found = await ledgerRows(headrace, String(answer.headers['x-headrace-job-id']));
        return found.length === 2 && found;
      },
      { what: 'both attempts in the ledger' },
    );
    expect(rows.map((row) => row.headrace.status)).toEqual(['failure', 'success']);
  }, 30_000);
});
