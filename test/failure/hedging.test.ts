import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get, type LedgerRow, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer, type ChatTarget, readStream, startChat } from '../support/chat-client.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { type TimedBehaviour, type TimedModels, startTimedModels } from '../support/timed-models.ts';

/** A second attempt where the first token is late: the first that has content answers, the other one is cancelled and billed. */
let provider: TimedModels;
let headrace: RunningHeadrace;
let target: ChatTarget;

const DELAY_MS = 150;
const LATE: TimedBehaviour = { afterMs: 5_000 };
const AT_ONCE: TimedBehaviour = { afterMs: 1 };
const NEVER: TimedBehaviour = { afterMs: undefined };

const entry = (group: string, model: string, order: number): string =>
  `  - { model_name: ${group}, litellm_params: { model: openai/${model}, api_base: "${provider.url}", api_key: k, order: ${order} }, model_info: { id: ${group}-${model} } }`;

beforeAll(async () => {
  provider = await startTimedModels();
  headrace = await startHeadrace({
    config: `
model_list:
${entry('pair', 'first', 1)}
${entry('pair', 'second', 2)}
${entry('plain', 'first', 1)}
${entry('plain', 'second', 2)}
${entry('single', 'first', 1)}
router_settings: { num_retries: 0, disable_cooldowns: true }
headrace:
  hedging: { delay_ms: ${DELAY_MS}, max_share: 1 }
  model_groups: { pair: { hedge: true }, single: { hedge: true } }
`,
  });
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});

let asked = 0;

/** What the models do is in the question. */
function question(models: Readonly<Record<string, TimedBehaviour>>, more: object = {}) {
  return { model: 'pair', messages: [{ role: 'user', content: `${(asked += 1)}#${JSON.stringify(models)}` }], ...more };
}

const textOf = ({ text, headers }: ChatAnswer): string =>
  String(headers['content-type']).startsWith('text/event-stream') ? readStream(text).text : JSON.parse(text).choices[0].message.content;

const callsFor = (body: ReturnType<typeof question>) => provider.callsFor(body.messages[0]?.content ?? '');

async function rowsOf({ headers }: ChatAnswer, count: number): Promise<LedgerRow[]> {
  const id = String(headers['x-headrace-job-id']);
  return waitFor(
    async () => {
      const rows = await ledgerRows(headrace, id);
      return rows.length >= count && rows;
    },
    { what: `${count} rows of ${id}` },
  );
}

const statuses = (rows: readonly LedgerRow[]) => rows.map(({ headrace: { status } }) => status);

describe.each([true, false])('with a stream: %s', (stream) => {
  test('a second attempt answers where the first is late; the first is cancelled at its provider and in the ledger', async () => {
    const body = question({ first: LATE, second: AT_ONCE }, { stream });
    const startedAt = performance.now();
    const answer = await chat(target, body);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(answer.status).toBe(200);
    expect(textOf(answer)).toBe('from second');
    expect(answer.headers).toMatchObject({
      'x-headrace-hedged': 'won',
      'x-headrace-deployment': 'pair-second',
      'x-headrace-attempts': '2',
    });
    const { first } = callsFor(body);
    await waitFor(() => first?.abortedAt, { what: 'the first call to be aborted', timeoutMs: 1_000, intervalMs: 5 });
    const rows = await rowsOf(answer, 2);
    expect(statuses(rows)).toEqual(['cancelled', 'success']);
    if (!stream) expect(rows[0]?.prompt_tokens).toBeGreaterThan(0);
  });

  test('the first attempt answers where it is quicker after all, and the second is cancelled', async () => {
    const body = question({ first: { afterMs: 600 }, second: NEVER }, { stream });
    const answer = await chat(target, body);
    expect(textOf(answer)).toBe('from first');
    expect(answer.headers).toMatchObject({ 'x-headrace-hedged': 'lost', 'x-headrace-deployment': 'pair-first' });
    const { second } = callsFor(body);
    expect(second).toBeDefined();
    await waitFor(() => second?.abortedAt, { what: 'the second call to be aborted', timeoutMs: 1_000, intervalMs: 5 });
    expect(statuses(await rowsOf(answer, 2))).toEqual(['success', 'cancelled']);
  });

  test.each<[string, TimedBehaviour, TimedBehaviour, string]>([
    ['the second', { afterMs: 700 }, { afterMs: 1, status: 500 }, 'from first'],
    ['the first', { afterMs: 400, status: 500 }, { afterMs: 900 }, 'from second'],
  ])('%s that fails leaves the answer to the other', async (_which, first, second, text) => {
    const answer = await chat(target, question({ first, second }, { stream }));
    expect([answer.status, textOf(answer)]).toEqual([200, text]);
    expect(answer.headers['x-headrace-hedged']).toBe(text === 'from second' ? 'won' : 'lost');
    expect(statuses(await rowsOf(answer, 2)).toSorted()).toEqual(['failure', 'success']);
  });

  test('two that fail are one error, that of the first', async () => {
    const answer = await chat(
      target,
      question({ first: { afterMs: 300, status: 503 }, second: { afterMs: 500, status: 500 } }, { stream }),
    );
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text).error.code).toBe('upstream_overloaded');
    expect(answer.headers['x-headrace-hedged']).toBe('failed');
    expect(statuses(await rowsOf(answer, 2))).toEqual(['failure', 'failure']);
  });

  test('a first token in time is left alone', async () => {
    const body = question({ first: AT_ONCE, second: AT_ONCE }, { stream });
    const answer = await chat(target, body);
    expect(answer.headers['x-headrace-hedged']).toBeUndefined();
    expect(callsFor(body).second).toBeUndefined();
  });
});

describe('there is no second attempt', () => {
  test.each<[string, object, Record<string, string>]>([
    ['in a group with one deployment', { model: 'single' }, {}],
    ['in a group that is not to be hedged', { model: 'plain' }, {}],
    ['where the request says so', { headrace_hedge: false }, {}],
    ['where its header says so', {}, { 'x-headrace-hedge': 'off' }],
  ])('%s', async (_where, more, headers) => {
    const body = question({ first: { afterMs: 400 }, second: AT_ONCE }, more);
    const answer = await chat(target, body, headers);
    expect([answer.status, textOf(answer)]).toEqual([200, 'from first']);
    expect(callsFor(body).second).toBeUndefined();
  });

  test('but where the request asks for one, after its own delay', async () => {
    const body = question({ first: LATE, second: AT_ONCE }, { model: 'plain' });
    const answer = await chat(target, body, { 'x-headrace-hedge': '50' });
    expect(textOf(answer)).toBe('from second');
    const { first, second } = callsFor(body);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(40);
  });

  test('a wrong word is refused by name', async () => {
    const answer = await chat(target, question({ first: AT_ONCE }), { 'x-headrace-hedge': 'maybe' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('x-headrace-hedge');
  });
});

test('a client that leaves ends both', async () => {
  const body = question({ first: NEVER, second: NEVER });
  const call = startChat(target, body);
  await waitFor(() => callsFor(body).second, { what: 'the second call' });
  call.abort();
  await waitFor(() => callsFor(body).first?.abortedAt && callsFor(body).second?.abortedAt, { what: 'both to be aborted', intervalMs: 5 });
});

test('the numbers are told by model group', async () => {
  const samples = parseMetrics(await (await get(headrace, '/metrics')).text());
  expect(sumOf(samples, 'headrace_hedges_total', { model_group: 'pair', outcome: 'won' })).toBeGreaterThanOrEqual(4);
  expect(sumOf(samples, 'headrace_hedges_total', { model_group: 'pair', outcome: 'failed' })).toBeGreaterThanOrEqual(2);
});
