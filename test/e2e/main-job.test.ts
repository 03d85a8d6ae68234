import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, createTeam, get, type LedgerRow, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer, readStream } from '../support/chat-client.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';

/**
 * The main job, from a fresh start without any configuration: a completion request becomes a job on JetStream, a worker
 * asks the built-in sandbox provider, the answer returns on the same connection and the attempt is a row in the ledger.
 */
let headrace: RunningHeadrace;

beforeAll(async () => {
  headrace = await startHeadrace();
});
afterAll(() => headrace.stop());

const HELLO = { model: 'sandbox/echo', messages: [{ role: 'user', content: 'Hello there' }] };
/** The sandbox counts a word as a token: "Hello there" in, "You said: Hello there" out. */
const INPUT_TOKENS = 2;
const OUTPUT_TOKENS = 5;
/** At the built-in prices of $0.15 and $0.60 for a million tokens. */
const COST_USD = '0.0000033';

const ask = (key: string, fields: object = {}, headers: Record<string, string> = {}): Promise<ChatAnswer> =>
  chat({ url: headrace.url, key }, { ...HELLO, ...fields }, headers);

function ledgerRow(answer: ChatAnswer): Promise<LedgerRow> {
  const jobId = String(answer.headers['x-headrace-job-id']);
  return waitFor(async () => (await ledgerRows(headrace, jobId))[0], { what: 'the attempt in the ledger' });
}

describe('a completion', () => {
  let answer: ChatAnswer;
  let key: string;
  beforeAll(async () => {
    key = await createKey(headrace, { key_alias: 'first-agent' });
    answer = await ask(key);
  });

  test('is answered in OpenAI’s shape, for a virtual key and without any provider key', () => {
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'You said: Hello there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: INPUT_TOKENS, completion_tokens: OUTPUT_TOKENS, total_tokens: 7 },
    });
  });

  test('tells in its headers what served it, how long it took and what it cost', () => {
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-headrace-job-id': expect.stringMatching(/^job_[0-9a-f]{32}$/),
      'x-headrace-deployment': 'sandbox-echo',
      'x-headrace-provider': 'sandbox',
      'x-headrace-attempts': '1',
      'x-headrace-queue-ms': expect.stringMatching(/^\d+$/),
      'x-headrace-upstream-ms': expect.stringMatching(/^\d+$/),
      'x-headrace-cost-usd': COST_USD,
    });
  });

  test('has LiteLLM’s names for the same facts', () => {
    const { headers } = answer;
    expect(headers['x-litellm-call-id']).toBe(headers['x-headrace-job-id']);
    expect(headers['x-litellm-model-id']).toBe(headers['x-headrace-deployment']);
    expect(headers['x-litellm-response-cost']).toBe(headers['x-headrace-cost-usd']);
    expect(headers).toMatchObject({
      'x-litellm-model-group': 'sandbox/echo',
      'x-litellm-attempted-retries': '0',
      'x-litellm-attempted-fallbacks': '0',
    });
  });

  test('is one row in the ledger, with its tokens and its exact cost', async () => {
    const row = await ledgerRow(answer);
    expect(row).toMatchObject({
      model: 'echo',
      model_group: 'sandbox/echo',
      model_id: 'sandbox-echo',
      custom_llm_provider: 'sandbox',
      status: 'success',
      prompt_tokens: INPUT_TOKENS,
      completion_tokens: OUTPUT_TOKENS,
      spend: 0.0000033,
      metadata: { user_api_key_alias: 'first-agent' },
    });
    expect(row.headrace).toMatchObject({
      attempt: 1,
      requested_model: 'sandbox/echo',
      lane: 'live',
      tier: 'standard',
      stream: false,
      cost: { input_usd: '0.0000003', output_usd: '0.000003', total_usd: COST_USD, price_source: 'config' },
    });
    expect(row.api_key).not.toContain(key);
  });

  test('shows in the spend of its key', async () => {
    await ledgerRow(answer);
    const info = await (await get(headrace, '/key/info', key)).json();
    expect(info).toMatchObject({ info: { key_alias: 'first-agent', spend: 0.0000033 } });
  });

  test('is seen by its own key in /spend/logs and not by another', async () => {
    await ledgerRow(answer);
    const path = `/spend/logs?request_id=${String(answer.headers['x-headrace-job-id'])}`;
    expect(await (await get(headrace, path, key)).json()).toHaveLength(1);
    expect(await (await get(headrace, path, await createKey(headrace))).json()).toHaveLength(0);
  });
});

test('a stream comes as events, ends with its finish reason and [DONE], and is billed', async () => {
  const answer = await ask(await createKey(headrace), { stream: true });
  expect(answer.headers['content-type']).toContain('text/event-stream');
  expect(answer.clean).toBe(true);
  expect(readStream(answer.text)).toMatchObject({ text: 'You said: Hello there', finishReason: 'stop', done: true, error: undefined });
  expect(answer.headers).toMatchObject({ 'x-headrace-deployment': 'sandbox-echo', 'x-headrace-attempts': '1' });
  const row = await ledgerRow(answer);
  expect(row).toMatchObject({
    prompt_tokens: INPUT_TOKENS,
    completion_tokens: OUTPUT_TOKENS,
    headrace: { stream: true, cost: { total_usd: COST_USD } },
  });
});

test('a stream without stream_options shows no usage, though the ledger has it', async () => {
  const plain = await ask(headrace.masterKey, { stream: true });
  const asked = await ask(headrace.masterKey, { stream: true, stream_options: { include_usage: true } });
  expect(plain.text).not.toContain('"prompt_tokens"');
  expect(asked.text).toContain(`"prompt_tokens":${INPUT_TOKENS}`);
});

describe('whom a request is filed under', () => {
  test('the key’s team, user and tags, and the request’s own end user, session, agent and tags', async () => {
    await createTeam(headrace, 'team-1');
    const key = await createKey(headrace, { team_id: 'team-1', user_id: 'ada', tags: ['from-key'] });
    const answer = await ask(
      key,
      { user: 'customer-7', metadata: { tags: ['nightly', 'planner'] } },
      { 'x-litellm-session-id': 'session-1', 'x-headrace-agent': 'coder' },
    );
    expect(answer.status).toBe(200);
    expect(await ledgerRow(answer)).toMatchObject({
      team_id: 'team-1',
      user: 'ada',
      end_user: 'customer-7',
      session_id: 'session-1',
      agent_id: 'coder',
      request_tags: ['from-key', 'nightly', 'planner'],
    });
  });
});

describe('models', () => {
  test('/v1/models lists what a key may use, in OpenAI’s shape', async () => {
    const key = await createKey(headrace, { models: ['sandbox/echo', 'sandbox/slow'] });
    const list = (await (await get(headrace, '/v1/models', key)).json()) as { data: unknown[] };
    expect(list).toMatchObject({
      object: 'list',
      data: [{ id: 'sandbox/echo', object: 'model', owned_by: 'sandbox' }, { id: 'sandbox/slow' }],
    });
    expect(list.data).toHaveLength(2);
  });

  test('/v1/models/{id} answers for a model with a slash, for one behind a wildcard, and 404 for one there is not', async () => {
    for (const id of ['sandbox/echo', 'sandbox%2Fecho', 'sandbox/instant']) {
      const answer = await get(headrace, `/v1/models/${id}`);
      expect([answer.status, await answer.json()]).toMatchObject([200, { id: decodeURIComponent(id), object: 'model' }]);
    }
    const missing = await get(headrace, '/v1/models/gpt-none');
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { code: 'model_not_found', param: 'model' } }]);
  });
});

describe('a key’s models', () => {
  test.each([
    { models: [], model: 'sandbox/echo', status: 200 },
    { models: ['all-proxy-models'], model: 'sandbox/echo', status: 200 },
    { models: ['sandbox/echo'], model: 'sandbox/echo', status: 200 },
    { models: ['sandbox/echo'], model: 'sandbox/instant', status: 403 },
    { models: ['sandbox/*'], model: 'sandbox/instant', status: 200 },
    { models: ['openai/*'], model: 'sandbox/echo', status: 403 },
    { models: ['sandbox/ech'], model: 'sandbox/echo', status: 403 },
  ])('$models and a request for $model: $status', async ({ models, model, status }) => {
    const answer = await ask(await createKey(headrace, { models }), { model });
    expect(answer.status).toBe(status);
    if (status === 403) expect(JSON.parse(answer.text).error).toMatchObject({ type: 'key_model_access_denied', param: 'model' });
  });

  test('a key’s alias leads to the model behind it', async () => {
    const key = await createKey(headrace, { aliases: { planner: 'sandbox/echo' } });
    const answer = await ask(key, { model: 'planner' });
    expect(answer.headers['x-headrace-deployment']).toBe('sandbox-echo');
    expect((await ask(key, { model: 'sandbox/echo' })).status).toBe(200);
    expect((await ask(await createKey(headrace), { model: 'planner' })).status).toBe(404);
  });
});

describe('a key that is shut is refused within a second', () => {
  const REFUSED_WITHIN = { timeoutMs: 1_000, intervalMs: 10 };

  async function refusalAfter(key: string, change: () => Promise<Response>): Promise<string> {
    expect((await ask(key)).status).toBe(200);
    expect((await change()).status).toBe(200);
    const refused = await waitFor(async () => refusal(await ask(key)), { what: 'the key to be refused', ...REFUSED_WITHIN });
    return refused.code;
  }

  function refusal(answer: ChatAnswer): { code: string } | undefined {
    return answer.status === 401 ? JSON.parse(answer.text).error : undefined;
  }

  function manage(path: string, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' };
    return fetch(new URL(path, headrace.url), { method: 'POST', headers, body: JSON.stringify(body) });
  }

  test('blocked, and works again when it is unblocked', async () => {
    const key = await createKey(headrace);
    expect(await refusalAfter(key, () => manage('/key/block', { key }))).toBe('key_blocked');
    await manage('/key/unblock', { key });
    await waitFor(async () => (await ask(key)).status === 200, { what: 'the key to work again', ...REFUSED_WITHIN });
  });

  test('deleted', async () => {
    const key = await createKey(headrace);
    expect(await refusalAfter(key, () => manage('/key/delete', { keys: [key] }))).toBe('unknown_key');
  });

  test('expired', async () => {
    const key = await createKey(headrace, { duration: '1s' });
    expect((await ask(key)).status).toBe(200);
    const refused = await waitFor(async () => refusal(await ask(key)), { what: 'the key to expire', timeoutMs: 2_000 });
    expect(refused.code).toBe('expired_key');
  });
});

describe('operators', () => {
  test('probes answer without a key', async () => {
    const [alive, ready] = await Promise.all(['/health/liveliness', '/health/readiness'].map((path) => fetch(new URL(path, headrace.url))));
    expect([alive?.status, await alive?.text()]).toEqual([200, "I'm alive!"]);
    expect([ready?.status, await ready?.json()]).toMatchObject([200, { status: 'healthy', queue: 'connected', db: 'connected' }]);
  });

  test('/metrics has every service’s figures, told apart by service and instance', async () => {
    await ledgerRow(await ask(headrace.masterKey));
    const samples = parseMetrics(await (await fetch(new URL('/metrics', headrace.url))).text());
    expect(samples.every((sample) => sample.labels['service'] && sample.labels['instance'])).toBe(true);
    for (const service of ['ingress', 'worker', 'accounting', 'admin']) {
      expect(sumOf(samples, 'process_resident_memory_bytes', { service }), service).toBeGreaterThan(1e6);
    }
    const route = '/v1/chat/completions';
    expect(sumOf(samples, 'headrace_requests_total', { service: 'ingress', route, status: '200' })).toBeGreaterThan(0);
    expect(sumOf(samples, 'headrace_request_seconds_count', { service: 'ingress', route })).toBeGreaterThan(0);
    expect(sumOf(samples, 'headrace_worker_attempts_total', { service: 'worker', provider: 'sandbox', status: 'success' })).toBeGreaterThan(
      0,
    );
    expect(sumOf(samples, 'headrace_worker_queue_seconds_count', { service: 'worker', lane: 'live' })).toBeGreaterThan(0);
    expect(sumOf(samples, 'headrace_worker_upstream_seconds_count', { service: 'worker', provider: 'sandbox' })).toBeGreaterThan(0);
    expect(sumOf(samples, 'headrace_ledger_events_total', { service: 'accounting', outcome: 'inserted' })).toBeGreaterThan(0);
    expect(sumOf(samples, 'headrace_requests_in_flight')).toBe(0);
  });
});
