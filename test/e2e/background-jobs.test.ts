import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey } from '../support/books.ts';
import { type ChatTarget, chat, readStream, sandboxCall, startChat } from '../support/chat-client.ts';
import { ask, awaitJob, readEvents, sendAway, showJob, type ShownJob } from '../support/job-client.ts';

/** Jobs that go on without a connection: sent to the background, asked for later, read again from any event, cancelled. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace?.stop());

function jobResponse({ response }: { readonly response: { readonly id: string } }): string {
  return response.id;
}

function errorOf(text: string): { code: string; param: string | null } {
  return (JSON.parse(text) as { error: { code: string; param: string | null } }).error;
}

describe('Prefer: respond-async', () => {
  test('answers 202 with the job at once, and the result is the answer that a client that waits would get', async () => {
    const accepted = await ask(target, '/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(sandboxCall({ text: 'done meanwhile', first_token_ms: 300 }, { metadata: { order: '7' } })),
      headers: { prefer: 'respond-async' },
    });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    const job = JSON.parse(accepted.text) as ShownJob;
    expect(accepted.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(accepted.headers.get('x-headrace-job-id')).toBe(job.id);
    expect(job).toMatchObject({ object: 'job', state: 'queued', status: 'queued', metadata: { order: '7' } });

    const early = await ask(target, `/v1/jobs/${job.id}/result`);
    expect(early.status).toBe(202);
    const over = await awaitJob(target, job.id);
    expect(over).toMatchObject({ status: 'succeeded', error: null, metadata: { order: '7' } });
    expect(Number(over.cost_usd)).toBeGreaterThan(0);
    const result = await ask(target, `/v1/jobs/${job.id}/result`);
    expect(result.status).toBe(200);
    expect(JSON.parse(result.text).choices[0].message.content).toBe('done meanwhile');
    const [row] = await awaitRows(headrace, job.id, 1);
    expect(row?.headrace.status).toBe('success');
  });

  test('an error is the result, with its status and in the format of the request', async () => {
    const id = await sendAway(target, sandboxCall({ error: 400 }));
    expect(await awaitJob(target, id)).toMatchObject({ status: 'failed' });
    const result = await ask(target, `/v1/jobs/${id}/result`);
    expect(result.status).toBeGreaterThanOrEqual(400);
    expect(errorOf(result.text).code).toEqual(expect.any(String));
  });

  test('with wait: an answer in time comes on the connection, a late one by the job', async () => {
    const quick = await chat(target, sandboxCall({ text: 'quick' }), { prefer: 'respond-async, wait=20' });
    expect(quick.status).toBe(200);
    expect(JSON.parse(quick.text).choices[0].message.content).toBe('quick');
    const slow = await chat(target, sandboxCall({ text: 'slow', first_token_ms: 2_500 }), { prefer: 'respond-async, wait=1' });
    expect(slow.status).toBe(202);
    expect(slow.headers['preference-applied']).toBe('respond-async, wait=1');
    const { id } = JSON.parse(slow.text) as ShownJob;
    const waited = await ask(target, `/v1/jobs/${id}/result?wait=20`);
    expect(JSON.parse(waited.text).choices[0].message.content).toBe('slow');
  });

  test('with an idempotency key is one job, however often it is sent', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const body = sandboxCall({ text: 'once' });
    const ids = [await sendAway(target, body, headers), await sendAway(target, body, headers)];
    expect(ids[1]).toBe(ids[0]);
    await awaitJob(target, ids[0] ?? '');
    await awaitRows(headrace, ids[0], 1);
  });

  test.each([
    ['wait=never', 'prefer', { prefer: 'respond-async, wait=soon' }],
    ['x-headrace-resumable: maybe', 'x-headrace-resumable', { 'x-headrace-resumable': 'maybe' }],
  ])('%s is refused, naming the header', async (_name, param, headers) => {
    const refused = await chat(target, sandboxCall({}), headers as unknown as Record<string, string>);
    expect(refused.status).toBe(400);
    expect(errorOf(refused.text).param).toBe(param);
  });

  test('an unknown model is refused at once, as without it', async () => {
    const refused = await ask(target, '/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({ model: 'nobody', messages: [{ role: 'user', content: 'x' }] }),
      headers: { prefer: 'respond-async' },
    });
    expect(refused.status).toBe(404);
  });
});

describe('a stream', () => {
  test('is given again by its job’s id, from the start and from any event on', async () => {
    const id = await sendAway(target, sandboxCall({ tokens: 30, tokens_per_second: 100, numbered: true }, { stream: true }));
    const { events, isWhole } = await readEvents(target, id);
    expect(isWhole).toBe(true);
    const result = await ask(target, `/v1/jobs/${id}/result`);
    expect(result.headers.get('content-type')).toContain('text/event-stream');
    expect(events.map(({ text }) => `${text}\n\n`).join('')).toBe(result.text);
    expect(readStream(result.text)).toMatchObject({ done: true, finishReason: 'stop' });

    const middle = events.filter((event) => event.id !== undefined)[10];
    const rest = await readEvents(target, id, { after: middle?.id });
    expect(rest.events).toEqual(events.slice(events.findIndex((event) => event.id === middle?.id) + 1));
    const last = events.findLast((event) => event.id !== undefined);
    expect((await readEvents(target, id, { after: last?.id })).events.filter((event) => event.id !== undefined)).toEqual([]);
  });

  test('asked to be resumable comes on its connection, and goes on when that is cut', async () => {
    const body = sandboxCall({ tokens: 40, tokens_per_second: 40, numbered: true }, { stream: true });
    const call = startChat(target, body, { 'x-headrace-resumable': 'true' });
    const head = await call.head;
    const id = String(head.headers['x-headrace-job-id']);
    call.abort();
    expect(await awaitJob(target, id)).toMatchObject({ status: 'succeeded' });
    const whole = await ask(target, `/v1/jobs/${id}/result`);
    expect(readStream(whole.text).text.trim().split(' ')).toHaveLength(40);
    const kept = await chat(target, sandboxCall({ text: 'plain' }), { 'x-headrace-resumable': 'true' });
    expect(JSON.parse(kept.text).choices[0].message.content).toBe('plain');
  });

  test('a bad Last-Event-ID is refused', async () => {
    const id = await sendAway(target, sandboxCall({ text: 'x' }, { stream: true }));
    const refused = await ask(target, `/v1/jobs/${id}/stream`, { headers: { 'last-event-id': 'seven' } });
    expect(refused.status).toBe(400);
    expect(errorOf(refused.text).param).toBe('last-event-id');
  });
});

describe('background: true on a response', () => {
  const openai = (): OpenAI => new OpenAI({ apiKey: target.key, baseURL: `${target.url}/v1`, maxRetries: 0 });
  const request = (sandbox: object) => ({ model: 'sandbox/echo', input: 'count', background: true, sandbox }) as const;

  test('is queued, polled and complete with OpenAI’s SDK, and can be continued', async () => {
    const client = openai();
    const accepted = await client.responses.create(request({ text: 'thought about it', first_token_ms: 300 }));
    expect(accepted).toMatchObject({ object: 'response', status: 'queued', background: true, output: [] });
    const done = await waitFor(
      async () => {
        const seen = await client.responses.retrieve(accepted.id);
        return seen.status === 'completed' && seen;
      },
      { what: 'the response to be complete' },
    );
    expect(done).toMatchObject({ id: accepted.id, background: true });
    expect(done.output_text).toBe('thought about it');
    const next = await client.responses.create({ model: 'sandbox/echo', input: 'and then?', previous_response_id: accepted.id });
    expect(next.status).toBe('completed');
  });

  test('is cancelled by its id', async () => {
    const client = openai();
    const accepted = await client.responses.create(request({ text: 'never', first_token_ms: 60_000 }));
    expect(await client.responses.cancel(accepted.id)).toMatchObject({ id: accepted.id, status: 'cancelled' });
    expect(await client.responses.retrieve(accepted.id)).toMatchObject({ status: 'cancelled' });
  });

  test('with a stream goes on without its client, and is read again behind any event', async () => {
    const client = openai();
    const events = [];
    const started = await client.responses.create({ ...request({ tokens: 20, tokens_per_second: 60, numbered: true }), stream: true });
    for await (const event of started) {
      events.push(event);
      if (events.length === 8) break;
    }
    const [first] = events;
    if (first?.type !== 'response.created') throw new Error('no response was created');
    const rest = [];
    const cursor = events.at(-1)?.sequence_number ?? 0;
    for await (const event of await client.responses.retrieve(jobResponse(first), { stream: true, starting_after: cursor }))
      rest.push(event);
    expect([...events, ...rest].map((event) => event.sequence_number)).toEqual(
      Array.from({ length: events.length + rest.length }, (_, i) => i),
    );
    expect(rest.at(-1)?.type).toBe('response.completed');
  });

  test('that is not to be stored is refused', async () => {
    const refused = await ask(target, '/v1/responses', { method: 'POST', body: JSON.stringify({ ...request({}), store: false }) });
    expect(refused.status).toBe(400);
    expect(errorOf(refused.text).param).toBe('background');
  });
});

describe('a job', () => {
  test('that runs is cancelled, and billed for what it produced', async () => {
    const id = await sendAway(target, sandboxCall({ tokens: 400, tokens_per_second: 20 }, { stream: true }));
    await readEvents(target, id, { until: (bytes) => bytes > 500 });
    const cancelled = await ask(target, `/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(JSON.parse(cancelled.text)).toMatchObject({ state: 'done', status: 'cancelled', error: { code: 'cancelled' } });
    const [row] = await awaitRows(headrace, id, 1);
    expect(row?.headrace.status).toBe('cancelled');
    expect(JSON.parse((await ask(target, `/v1/jobs/${id}/cancel`, { method: 'POST' })).text)).toMatchObject({ status: 'cancelled' });
  });

  test('is another key’s business', async () => {
    const id = await sendAway(target, sandboxCall({ text: 'mine' }));
    await awaitJob(target, id);
    const other = { ...target, key: await createKey(headrace) };
    for (const path of ['', '/result', '/stream']) expect((await ask(other, `/v1/jobs/${id}${path}`)).status).toBe(404);
    expect((await ask(other, `/v1/jobs/${id}/cancel`, { method: 'POST' })).status).toBe(404);
    const listed = async (of: ChatTarget) =>
      (JSON.parse((await ask(of, '/v1/jobs')).text) as { data: ShownJob[] }).data.map((job) => job.id);
    expect(await listed(target)).toContain(id);
    expect(await listed(other)).toEqual([]);
    const master = { url: headrace.url, key: headrace.masterKey };
    expect(await showJob(master, id)).toMatchObject({ id, status: 'succeeded' });
  });
});

describe('a job is asked again', () => {
  const failing = (fields: object = {}) => ({ ...sandboxCall({ error: 400 }), metadata: { order: '9' }, ...fields });
  const retry = async (id: string, as: ChatTarget = target) => {
    const answer = await ask(as, `/v1/jobs/${id}/retry`, { method: 'POST' });
    return { ...answer, job: JSON.parse(answer.text) as ShownJob & { readonly error?: { readonly message: string } } };
  };

  test('that failed: a new one under the same key, as often as it fails', async () => {
    const id = await sendAway(target, failing(), {
      'x-litellm-session-id': 'again',
      'x-headrace-agent': 'tester',
      'x-litellm-tags': 'a,b',
    });
    await awaitJob(target, id);
    const first = await retry(id);
    expect(first.status).toBe(202);
    expect(first.headers.get('location')).toBe(`/v1/jobs/${first.job.id}`);
    expect(first.job).toMatchObject({ object: 'job', custom_id: `${id}-r1`, metadata: { order: '9' } });
    expect(await awaitJob(target, first.job.id)).toMatchObject({ status: 'failed' });
    const [row] = await awaitRows(headrace, first.job.id, 1);
    expect(row).toMatchObject({ session_id: 'again', agent_id: 'tester', request_tags: ['a', 'b'] });
    const [before] = await awaitRows(headrace, id, 1);
    expect(row?.api_key).toBe(before?.api_key);
    // of the retry as of the first one
    for (const which of [id, first.job.id]) {
      const next = await retry(which);
      expect(next.status).toBe(202);
      await awaitJob(target, next.job.id);
    }
  });

  test('twice at once is one retry, and while it runs another one is the same', async () => {
    const id = await sendAway(target, sandboxCall({ tokens: 500, tokens_per_second: 50 }));
    await ask(target, `/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect(await awaitJob(target, id)).toMatchObject({ status: 'cancelled' });
    const both = await Promise.all([retry(id), retry(id)]);
    expect(both.map(({ status }) => status)).toEqual([202, 202]);
    const again = await retry(id);
    expect(new Set([...both, again].map(({ job }) => job.id)).size).toBe(1);
    const shown = (await ask(target, `/v1/jobs?group=background`)).text;
    expect(shown).not.toContain(`${id}-r2`);
    await ask(target, `/v1/jobs/${again.job.id}/cancel`, { method: 'POST' });
    await awaitJob(target, again.job.id);
  });

  test.each([
    ['has succeeded', () => sandboxCall({ text: 'fine' }), true, 'It has succeeded.'],
    ['is not over', () => sandboxCall({ tokens: 200, tokens_per_second: 50 }), false, 'It is not over yet'],
  ])('that %s is refused with 409', async (_name, body, isOver, text) => {
    const id = await sendAway(target, body());
    if (isOver) await awaitJob(target, id);
    const refused = await retry(id);
    expect(refused.status).toBe(409);
    expect(errorOf(refused.text)).toMatchObject({ code: 'conflict', param: 'id' });
    expect(refused.text).toContain(text);
    await ask(target, `/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  test('of another key, or that never was, is not found; one that ran on a connection is refused', async () => {
    const id = await sendAway(target, failing());
    await awaitJob(target, id);
    const other = { url: headrace.url, key: await createKey(headrace) };
    expect((await retry(id, other)).status).toBe(404);
    expect((await retry('job_00000000000000000000000000000000')).status).toBe(404);
    const live = await chat(target, sandboxCall({ text: 'here' }));
    const jobId = String(live.headers['x-headrace-job-id']);
    await awaitRows(headrace, jobId, 1);
    expect((await retry(jobId)).status).toBe(409);
  });

  test('with the master key stays with the key whose it is', async () => {
    const id = await sendAway(target, failing());
    await awaitJob(target, id);
    const retried = await retry(id, { url: headrace.url, key: headrace.masterKey });
    expect(retried.status).toBe(202);
    expect(await awaitJob(target, retried.job.id)).toMatchObject({ status: 'failed' });
  });
});
