import type http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get, ledgerRows } from '../support/books.ts';
import { type ChatCall, type ChatTarget, readStream, startChat } from '../support/chat-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** A cancel reaches the provider within 100 ms, from any ingress, and so does a client that leaves. */
let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let replica: Replica;
let target: ChatTarget;
let stranger: string;
/** Calls that the provider has and does not answer, by what they ask. */
const open = new Map<string, http.ServerResponse>();
/** When the provider saw the connection of a call close (`performance.now()`). */
const closed = new Map<string, number>();

const LIMIT_MS = 100;
const ROUNDS = 100;

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    const { messages, stream } = JSON.parse(request.body.toString()) as { messages: { content: string }[]; stream?: boolean };
    const content = messages[0]?.content ?? '';
    open.set(content, response);
    response.on('close', () => closed.set(content, performance.now()));
    if (stream !== true) return;
    response.setHeader('content-type', 'text/event-stream');
    response.write(`data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'one ' }, finish_reason: null }] })}\n\n`);
  });
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: held
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider }
`,
  });
  replica = await startReplica(headrace, 'ingress');
  target = { url: headrace.url, key: await createKey(headrace) };
  stranger = await createKey(headrace);
});
afterAll(async () => {
  await replica?.stop();
  await headrace?.stop();
  provider?.close();
});
afterEach(() => {
  open.clear();
  closed.clear();
});

const question = (content: string, more: object = {}) => ({ model: 'held', messages: [{ role: 'user', content }], ...more });

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly deployment: string | null;
  readonly attempt: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly error: { readonly code: string } | null;
}

async function cancel(id: string, { url, key }: ChatTarget): Promise<{ status: number; job: Shown }> {
  const answer = await fetch(new URL(`/v1/jobs/${id}/cancel`, url), { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, job: (await answer.json()) as Shown };
}

async function show(id: string, key = target.key, url = headrace.url): Promise<{ status: number; job: Shown }> {
  const answer = await fetch(new URL(`/v1/jobs/${id}`, url), { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, job: (await answer.json()) as Shown };
}

/** The one job of the key that is queued or running, as every ingress lists it. */
async function onlyJob(key = target.key): Promise<Shown> {
  const answer = await fetch(new URL('/v1/jobs', replica.url), { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await answer.json()) as { data: Shown[] };
  expect(data).toHaveLength(1);
  return data[0] as Shown;
}

/** A stream that the provider has begun, and its job. */
async function begin(content: string): Promise<{ call: ChatCall; id: string }> {
  const call = startChat(target, question(content, { stream: true }));
  const head = await call.head;
  head.on('error', () => undefined);
  return { call, id: String(head.headers['x-headrace-job-id']) };
}

function closedAt(content: string): Promise<number> {
  return waitFor(() => closed.get(content), { what: 'the provider to see the end', intervalMs: 1 });
}

/** All but the slowest of a hundred. */
function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Infinity;
}

describe('a running job', () => {
  test('that is cancelled at another ingress is aborted at its provider within 100 ms, and its client is told', async () => {
    const lags: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { call, id } = await begin(`cancel ${round}`);
      const asked = performance.now();
      const { status, job } = await cancel(id, { url: replica.url, key: target.key });
      expect({ status, job }).toMatchObject({ status: 200, job: { id, state: 'done', error: { code: 'cancelled' } } });
      lags.push((await closedAt(`cancel ${round}`)) - asked);
      const reading = readStream((await call.answer).text);
      expect(reading).toMatchObject({ text: 'one ', done: false, error: { code: 'cancelled' } });
    }
    expect(p99(lags), `lags ${lags.map(Math.round).join(' ')}`).toBeLessThan(LIMIT_MS);
  });

  test('whose client leaves is aborted at its provider within 100 ms', async () => {
    const lags: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { call } = await begin(`leave ${round}`);
      const left = performance.now();
      call.abort();
      lags.push((await closedAt(`leave ${round}`)) - left);
    }
    expect(p99(lags), `lags ${lags.map(Math.round).join(' ')}`).toBeLessThan(LIMIT_MS);
  });

  test('answers its client, before it has anything, with 499', async () => {
    const call = startChat(target, question('no head'));
    await waitFor(() => open.has('no head'), { what: 'the call' });
    const { id, state } = await onlyJob();
    expect(state).toBe('running');
    expect((await cancel(id, target)).status).toBe(200);
    const answer = await call.answer;
    expect(answer.status).toBe(499);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'cancelled', code: 'cancelled' } });
  });

  test('is billed once for what it produced', async () => {
    const { id } = await begin('billed');
    await cancel(id, target);
    const [row] = await waitFor(async () => nonEmpty(await ledgerRows(headrace, id)), { what: 'the row' });
    expect(row?.headrace.status).toBe('cancelled');
    expect(await ledgerRows(headrace, id)).toHaveLength(1);
  });

  test('is shown to its own key and the master key, at any ingress, and to nobody else', async () => {
    const { call, id } = await begin('shown');
    for (const [key, url] of [
      [target.key, headrace.url],
      [target.key, replica.url],
      [headrace.masterKey, replica.url],
    ] as const) {
      const { status, job } = await show(id, key, url);
      expect({ status, job }).toMatchObject({
        status: 200,
        job: { id, object: 'job', state: 'running', model: 'held', attempt: 1, error: null },
      });
      expect(Date.parse(job.started_at ?? '')).toBeGreaterThan(Date.now() - 60_000);
      expect(job.deployment).toEqual(expect.any(String));
    }
    for (const url of [headrace.url, replica.url]) {
      expect((await show(id, stranger, url)).status).toBe(404);
      expect((await cancel(id, { url, key: stranger })).status).toBe(404);
    }
    expect((await show(id)).job.state).toBe('running');
    expect((await fetch(new URL(`/v1/jobs/${id}`, headrace.url))).status).toBe(401);
    expect((await cancel(id, { ...target, key: headrace.masterKey })).status).toBe(200);
    await call.answer;
  });
});

describe('a queued job', () => {
  test('that is cancelled vanishes: no call, no row, and its client is told', async () => {
    await headrace.kill('worker');
    const call = startChat(target, question('queued'));
    const { id, state } = await waitFor(() => onlyJob().catch(() => undefined), { what: 'the job' });
    expect(state).toBe('queued');
    expect((await cancel(id, { url: replica.url, key: target.key })).job).toMatchObject({ state: 'done', error: { code: 'cancelled' } });
    expect((await call.answer).status).toBe(499);
    // what was asked behind it is answered: the worker is back, and has seen the queue
    const { call: next, id: nextId } = await begin('behind it');
    expect(open.has('queued')).toBe(false);
    await cancel(nextId, target);
    await next.answer;
    await waitFor(async () => nonEmpty(await ledgerRows(headrace, nextId)), { what: 'the row of the next' });
    expect(await ledgerRows(headrace, id)).toEqual([]);
  });
});

describe('a job that is over', () => {
  test('can be cancelled again: it says how it ended; one that nobody remembers comes from the ledger', async () => {
    const call = startChat(target, question('over'));
    const response = await waitFor(() => open.get('over'), { what: 'the call' });
    response.setHeader('content-type', 'application/json');
    response.end(
      '{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    );
    const id = String((await call.answer).headers['x-headrace-job-id']);
    for (const url of [headrace.url, replica.url]) {
      expect(await show(id, target.key, url)).toMatchObject({ status: 200, job: { state: 'done', error: null } });
      expect(await cancel(id, { url, key: target.key })).toMatchObject({ status: 200, job: { state: 'done', error: null } });
    }
    const failing = startChat(target, question('refused'));
    const refusal = await waitFor(() => open.get('refused'), { what: 'the call' });
    refusal.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"No.","type":"invalid_request_error"}}');
    const failedId = String((await failing.answer).headers['x-headrace-job-id']);
    const { job: failed } = await show(failedId);
    expect(failed).toMatchObject({ state: 'done', error: { code: 'upstream_bad_request' } });
    for (const one of [id, failedId]) await waitFor(async () => nonEmpty(await ledgerRows(headrace, one)), { what: 'the row' });
    await headrace.kill('ingress');
    const later = await waitFor(
      async () => {
        const shown = await show(id, target.key, replica.url);
        return shown.status === 200 && shown;
      },
      { what: 'the ledger' },
    );
    expect(later.job).toMatchObject({ id, state: 'done', model: 'held', attempt: 1, error: null });
    expect((await show(id, stranger, replica.url)).status).toBe(404);
    expect((await show(failedId, target.key, replica.url)).job).toMatchObject({ state: 'done', error: failed.error });
    await waitFor(async () => (await get(headrace, '/health/readiness').catch(() => undefined))?.ok, {
      what: 'the ingress to be back',
      timeoutMs: 15_000,
    });
  });

  test.each(['job_0123456789abcdef0123456789abcdef', 'a%20b'])('or never was is a 404: %s', async (id) => {
    expect((await show(id)).status).toBe(404);
    expect((await cancel(id, target)).status).toBe(404);
  });
});

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
