import { readFileSync } from 'node:fs';
import type http from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectBus } from '#bus';
import { createQueueClient, ownerOfKey } from '#client';
import { BUS_OPERATOR } from '#contracts';
import { natsUrl } from '#runtime';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import type { RoutePreview } from '../../services/ingress/auto-routing/preview-route.ts';
import { awaitRows, createKey } from '../support/books.ts';
import { type ChatAnswer, chat, readStream } from '../support/chat-client.ts';
import { awaitJob, sendAway } from '../support/job-client.ts';
import { type ProviderRequest, type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** A name that stands for two models: which of them answers, and what happens where the cheap one's answer is not good enough. */
let weak: ScriptedProvider;
let strong: ScriptedProvider;
let headrace: RunningHeadrace;

const GOOD = 'Paris is the capital of France, and has been for a long time.';
/** What the weak model says to a prompt that names it. */
const SAID: Readonly<Record<string, string>> = {
  empty: '',
  refusal: 'I’m sorry, but I can’t help with that request.',
  prose: 'Here is what you asked for: yes.',
  json: '{"capital":"Paris"}',
  wrong: '{"capital":7}',
};

beforeAll(async () => {
  [weak, strong] = await Promise.all([
    startScriptedProvider(speak((asked) => SAID[asked] ?? GOOD)),
    startScriptedProvider(speak(strongly)),
  ]);
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: small, litellm_params: { model: openai/m, api_base: "${weak.url}", api_key: sk-x, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 } }
  - { model_name: large, litellm_params: { model: openai/m, api_base: "${strong.url}", api_key: sk-x, input_cost_per_token: 0.00001, output_cost_per_token: 0.00002 } }
general_settings: { store_prompts_in_spend_logs: true }
headrace:
  auto_routing:
    groups:
      auto: { weak: small, strong: large }
      cheap: { weak: small, strong: large, cost_share: 0 }
      plain: { weak: small, strong: large, cost_share: 0, escalate: false }
      priced: { cost_share: 0 }
`,
  });
});
afterAll(async () => {
  await headrace?.stop();
  weak?.close();
  strong?.close();
});

function strongly(asked: string): string {
  return SAID[asked] === undefined ? 'strong' : asked === 'empty' || asked === 'refusal' ? 'strong' : '{"capital":"Rome"}';
}

function speak(answer: (asked: string) => string) {
  return ({ body }: ProviderRequest, response: http.ServerResponse): void => {
    const fields = JSON.parse(body.toString());
    const content = answer(String(fields.messages.at(-1).content));
    if (fields.stream === true) return stream(content, response);
    const message = { role: 'assistant', content };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'x', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
  };
}

function stream(content: string, response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  for (const piece of content.match(/.{1,4}/gsu) ?? []) response.write(event({ content: piece }, null));
  response.end(`${event({}, 'stop')}data: [DONE]\n\n`);
}

const SCHEMA = {
  type: 'json_schema',
  json_schema: { name: 'answer', schema: { type: 'object', properties: { capital: { type: 'string' } }, required: ['capital'] } },
};

function ask(model: string, content: string, fields: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<ChatAnswer> {
  return chat({ url: headrace.url, key: headrace.masterKey }, { model, messages: [{ role: 'user', content }], ...fields }, headers);
}

const text = ({ text: body }: ChatAnswer): string => JSON.parse(body).choices[0].message.content;
const route = ({ headers }: ChatAnswer): string => String(headers['x-headrace-route']);

describe('the choice', () => {
  test('a share of nothing goes to the weak group, the whole to the strong one, and the head says so', async () => {
    const none = await ask('auto', 'Hello', {}, { 'x-headrace-cost-share': '0' });
    expect(text(none)).toBe(GOOD);
    expect(route(none)).toMatch(/^group="auto"; tier=weak; by=score; score=0\.\d+$/);
    const all = await ask('auto', 'Hello', {}, { 'x-headrace-cost-share': '1' });
    expect(text(all)).toBe('strong');
    expect(route(all)).toMatch(/tier=strong; by=score/);
  });

  test('the request’s own word goes first', async () => {
    expect(route(await ask('cheap', 'Hello', {}, { 'x-headrace-route-tier': 'strong' }))).toBe('group="cheap"; tier=strong; by=request');
  });

  test('a session stays where it began', async () => {
    const session = { 'x-litellm-session-id': 'one' };
    await ask('auto', 'Hello', {}, { ...session, 'x-headrace-cost-share': '1' });
    expect(route(await ask('auto', 'Hello', {}, { ...session, 'x-headrace-cost-share': '0' }))).toBe(
      'group="auto"; tier=strong; by=session',
    );
  });

  test('tiers that nobody names are those of the lowest and the highest price', async () => {
    expect(text(await ask('priced', 'Hello'))).toBe(GOOD);
    expect(text(await ask('priced', 'Hello', {}, { 'x-headrace-route-tier': 'strong' }))).toBe('strong');
  });

  test.each([
    [{ 'x-headrace-route-tier': 'medium' }, 'x-headrace-route-tier', 'weak, strong'],
    [{ 'x-headrace-cost-share': '50%' }, 'x-headrace-cost-share', 'from 0'],
  ])('%j is refused with the header’s name and the fix', async (headers: Record<string, string>, param, fix) => {
    const answer = await ask('auto', 'Hello', {}, headers);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error).toMatchObject({ param, message: expect.stringContaining(fix) });
  });

  test('any other model has no such header', async () => {
    expect((await ask('small', 'Hello')).headers['x-headrace-route']).toBeUndefined();
  });
});

async function preview(body: object, headers: Readonly<Record<string, string>> = {}) {
  const authorization = `Bearer ${headrace.masterKey}`;
  const answer = await fetch(new URL('/v1/route', headrace.url), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as RoutePreview };
}

test.each([false, true])(
  'after an escalation the next request of its session goes to the strong model, once (stream: %s)',
  async (stream) => {
    const session = { 'x-litellm-session-id': `escalated-${stream}` };
    const tier = async (content: string): Promise<string | undefined> =>
      /tier=\w+; by=\w+/.exec(route(await ask('cheap', content, { stream }, session)))?.[0];
    // of the answer: the weak model’s was refused
    expect(await tier('refusal')).toBe('tier=strong; by=score');
    expect(await tier('Hello')).toBe('tier=strong; by=session');
    expect(await tier('Hello')).toBe('tier=weak; by=session');
  },
);

describe('the plan without a run', () => {
  const messages = [{ role: 'user', content: 'What is the capital of France?' }];

  test('of an auto group: tier, score and every candidate with what it is expected to cost', async () => {
    const before = [weak.requests.length, strong.requests.length];
    const { status, body } = await preview({ model: 'cheap', messages, max_tokens: 100 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'route', model: 'cheap', group: 'small', tier: 'weak', by: 'score', score: expect.any(Number) });
    expect(body.candidates.map(({ group, only_after: after }) => [group, after])).toEqual([
      ['small', null],
      ['large', 'escalation'],
      ['large', null],
    ]);
    // how long answers have been so far depends on what the tests before have asked
    const { input_tokens: input, candidates } = body;
    for (const [at, usd] of [1e-6, 1e-5].entries()) {
      const { expected_output_tokens: output = 0, expected_cost_usd: cost } = candidates[at] ?? {};
      expect(output).toBeGreaterThan(0);
      expect(output).toBeLessThanOrEqual(100);
      expect(Number(cost)).toBeCloseTo(usd * input + 2 * usd * output, 9);
    }
    expect([weak.requests.length, strong.requests.length]).toEqual(before);
    expect(JSON.stringify(body)).not.toContain('sk-x');
    expect(JSON.stringify(body)).not.toContain('127.0.0.1');
  });

  test('of any other model, in any chat format', async () => {
    const { body } = await preview({ model: 'large', input: 'Hello' });
    expect(body).toMatchObject({
      group: 'large',
      tier: null,
      score: null,
      candidates: [{ provider: 'openai', model: 'm', group: 'large' }],
    });
  });

  test.each([
    [{ model: 'nobody', messages }, 404, 'model'],
    [{ model: 'auto' }, 400, 'messages'],
    [{ messages }, 400, 'model'],
  ])('%j is refused with the field’s name', async (body, status, param) => {
    expect(await preview(body)).toMatchObject({ status, body: { error: { param } } });
  });

  test('auto groups are among the models', async () => {
    const headers = { authorization: `Bearer ${headrace.masterKey}` };
    const answer = await fetch(new URL('/v1/models', headrace.url), { headers });
    const listed = (await answer.json()) as { readonly data: readonly { readonly id: string }[] };
    expect(listed.data.map(({ id }) => id)).toEqual(['small', 'large', 'auto', 'cheap', 'plain', 'priced']);
    expect((await fetch(new URL('/v1/models/auto', headrace.url), { headers })).status).toBe(200);
  });
});

describe('an answer of the weak group that fails a check is asked for again at the strong one', () => {
  test.each<[string, object, string]>([
    ['empty', {}, 'strong'],
    ['refusal', {}, 'strong'],
    ['prose', { response_format: SCHEMA }, '{"capital":"Rome"}'],
    ['wrong', { response_format: SCHEMA }, '{"capital":"Rome"}'],
    ['json', { response_format: SCHEMA }, SAID['json'] ?? ''],
    ['prose', {}, SAID['prose'] ?? ''],
  ])('%s, asked for with %j', async (prompt, fields, expected) => {
    const answer = await ask('cheap', prompt, fields);
    expect(answer.status).toBe(200);
    expect(text(answer)).toBe(expected);
    expect(route(answer)).toContain(expected === SAID[prompt] ? 'tier=weak' : 'tier=strong');
    const streamed = readStream((await ask('cheap', prompt, { ...fields, stream: true })).text);
    expect(streamed).toMatchObject({ text: expected, done: true, error: undefined });
  });

  test('not where its group says so', async () => {
    expect(text(await ask('plain', 'refusal'))).toBe(SAID['refusal']);
  });

  test('not for a client that wants no fallbacks', async () => {
    expect(text(await ask('cheap', 'refusal', { disable_fallbacks: true }))).toBe(SAID['refusal']);
  });
});

describe('jobs that nobody waits for on a connection go the same way', () => {
  test('one that is sent to the background', async () => {
    const target = { url: headrace.url, key: headrace.masterKey };
    const id = await sendAway(target, { model: 'cheap', messages: [{ role: 'user', content: 'refusal' }] });
    expect(await awaitJob(target, id)).toMatchObject({ status: 'succeeded' });
    expect((await awaitRows(headrace, id, 2)).map(({ headrace: own }) => own['routing'])).toMatchObject([
      { tier: 'weak' },
      { tier: 'strong' },
    ]);
  });

  test('one that a program publishes itself', async () => {
    const { port, password } = JSON.parse(readFileSync(join(headrace.dataDir, 'nats', 'credentials.json'), 'utf8'));
    const log = { info: () => undefined, warn: () => undefined };
    const bus = await connectBus({ url: natsUrl({ port, user: BUS_OPERATOR, password }), name: 'test', log });
    const client = await createQueueClient({ owner: ownerOfKey(await createKey(headrace)), connection: { bus } });
    const body = { model: 'cheap', messages: [{ role: 'user', content: 'empty' }] };
    const { job } = await client.submit({ group: 'auto', id: 'one', body });
    expect((await awaitRows(headrace, job, 2)).map(({ headrace: own }) => own['routing'])).toMatchObject([
      { tier: 'weak' },
      { tier: 'strong' },
    ]);
    await bus.close();
  });
});

describe('the ledger and what clients say', () => {
  const call = (path: string, key: string, body?: object) =>
    fetch(new URL(path, headrace.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const idOf = ({ headers }: ChatAnswer): string => String(headers['x-headrace-job-id']);

  test('a rejected answer and the one that took its place are a row each, with the tier of each', async () => {
    const id = idOf(await ask('cheap', 'refusal'));
    const rows = await awaitRows(headrace, id, 2);
    const seen = rows.map(({ status, spend, headrace: own }) => [status, own.error_code, own['routing'], spend > 0]);
    expect(seen).toEqual([
      ['failure', 'answer_rejected', { group: 'cheap', tier: 'weak', score: expect.any(Number) }, true],
      ['success', null, { group: 'cheap', tier: 'strong', score: expect.any(Number) }, true],
    ]);
  });

  test('feedback by the job’s own key makes a line to train on, another key’s is refused', async () => {
    const [own, other] = await Promise.all([createKey(headrace), createKey(headrace)]);
    const answer = await chat({ url: headrace.url, key: own }, { model: 'cheap', messages: [{ role: 'user', content: 'Name a capital' }] });
    const job_id = idOf(answer);
    await awaitRows(headrace, job_id, 1);
    expect((await call('/v1/feedback', other, { job_id, good: true })).status).toBe(404);
    expect((await call('/v1/feedback', own, { job_id, good: 'yes' })).status).toBe(400);
    expect(await (await call('/v1/feedback', own, { job_id, good: false })).json()).toEqual({ job_id, good: false, score: null });
    expect((await call('/route/outcomes', own)).status).toBe(403);
    const lines = await waitFor(
      async () => {
        const text = await (await call('/route/outcomes?group=cheap', headrace.masterKey)).text();
        return text.includes('Name a capital') && text;
      },
      { what: 'the outcome with its prompt' },
    );
    const outcomes = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(outcomes).toContainEqual({ source: 'feedback/cheap', prompt: 'Name a capital', weak: false, strong: null });
    expect(outcomes).toContainEqual({ source: 'feedback/cheap', prompt: 'refusal', weak: false, strong: null });
  });
});
