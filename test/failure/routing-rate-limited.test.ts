import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer, type ChatTarget } from '../support/chat-client.ts';
import { answerWhole } from '../support/openai-answers.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Deployments without limits of their own whose providers say "not now": requests wait for them, if they have the time. */
const CLOSED_MS = 2_000;
const AT_ONCE = 20;

let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let target: ChatTarget;
/** By model: until when it refuses (`performance.now()`), from its first call on. */
const closedUntil = new Map<string, number>();
let refusals: { readonly model: string; readonly at: number }[] = [];

const entry = (group: string, model: string): string =>
  `  - { model_name: ${group}, litellm_params: { model: openai/${model}, api_base: "${provider.url}", api_key: k } }`;

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    const { model } = JSON.parse(request.body.toString()) as { readonly model: string };
    const now = performance.now();
    const until = closedUntil.get(model) ?? now + CLOSED_MS;
    closedUntil.set(model, until);
    if (now >= until) return answerWhole(response, 'here');
    refusals.push({ model, at: now });
    const status = model.startsWith('busy') ? 529 : 429;
    const headers = model.startsWith('down') ? {} : { 'retry-after': String(Math.ceil((until - now) / 1_000)) };
    response.writeHead(model.startsWith('down') ? 500 : status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: 'not now', type: 'x' } }));
  });
  headrace = await startHeadrace({
    config: `
model_list:
${['alone', 'hurried', 'busy', 'down', 'killed'].map((model) => entry(model, model)).join('\n')}
${entry('pair', 'pair-1')}
${entry('pair', 'pair-2')}
${entry('down', 'down-2')}
`,
  });
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});
beforeEach(() => {
  closedUntil.clear();
  refusals = [];
});

const ask = (model: string, timeoutS: number): Promise<ChatAnswer> =>
  chat(target, { model, timeout: timeoutS, messages: [{ role: 'user', content: 'Hello' }] });

const many = (model: string, timeoutS: number): Promise<ChatAnswer[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, () => ask(model, timeoutS)));

/** A first request finds out; it waits and is answered like the others. */
async function afterTheFirstRefusal(model: string, then: () => Promise<ChatAnswer[]>): Promise<{ first: ChatAnswer; rest: ChatAnswer[] }> {
  const first = ask(model, 30);
  await expect.poll(() => refusals.length, { timeout: 5_000, interval: 5 }).toBeGreaterThan(0);
  // the news is on its way to the ingress
  await expect.poll(async () => (await chatStatus(model)) !== undefined, { timeout: 5_000, interval: 5 }).toBe(true);
  const rest = await then();
  return { first: await first, rest };
}

/** Whether the gateway knows that a deployment of the group is out. */
async function chatStatus(group: string): Promise<string | undefined> {
  const answer = await fetch(new URL(`/health?model=${group}`, target.url), { headers: { authorization: `Bearer ${headrace.masterKey}` } });
  const { unhealthy_count: count } = (await answer.json()) as { unhealthy_count: number };
  return count > 0 ? 'out' : undefined;
}

test.each(['alone', 'busy', 'pair'])(
  '20 requests to a group (%s) that is at its providers’ limits wait and are all answered',
  async (group) => {
    const { first, rest } = await afterTheFirstRefusal(group, () => many(group, 30));
    expect([first, ...rest].map(({ status }) => status)).toEqual(Array(AT_ONCE + 1).fill(200));
    // the one that found out, and of each deployment no more than a probe that came early
    expect(refusals.length).toBeLessThanOrEqual(4);
  },
);

test('a worker that is killed while requests wait in it costs a few seconds, and nothing is booked for them', async () => {
  const { rest } = await afterTheFirstRefusal('killed', async () => {
    const answers = many('killed', 30);
    // longer than it takes a worker to say that it holds them
    await expect.poll(() => performance.now() - (refusals[0]?.at ?? 0), { timeout: 5_000, interval: 20 }).toBeGreaterThan(1_500);
    await headrace.kill('worker');
    return answers;
  });
  expect(rest.map(({ status }) => status)).toEqual(Array(AT_ONCE).fill(200));
  for (const { headers } of rest) {
    const id = String(headers['x-headrace-job-id']);
    const rows = await waitFor(async () => nonEmpty(await ledgerRows(headrace, id)), { what: `the row of ${id}` });
    expect(rows.map(({ headrace: { status } }) => status)).toEqual(['success']);
  }
});

function nonEmpty<T>(rows: readonly T[]): readonly T[] | undefined {
  return rows.length > 0 ? rows : undefined;
}

test('a request without the time is refused at once, and told when to come again', async () => {
  const { rest } = await afterTheFirstRefusal('hurried', async () => {
    const startedAt = performance.now();
    const answers = await Promise.all([ask('hurried', 0.5), ask('hurried', 0.5)]);
    expect(performance.now() - startedAt).toBeLessThan(450);
    return answers;
  });
  for (const answer of rest) {
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([503, 'no_healthy_deployment']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('an outage is not waited for: 503 in less than a second', async () => {
  await many('down', 30);
  const startedAt = performance.now();
  const answer = await ask('down', 30);
  expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([503, 'no_healthy_deployment']);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
