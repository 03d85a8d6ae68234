import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, openStreamReader, publishDurably } from '#bus';
import { createQueueClient, jobIdOf, type JobRequest, type JobResult, ownerOfKey, type QueueClient } from '#client';
import { BUS_OPERATOR, DEAD_STREAM } from '#contracts';
import { natsUrl } from '#runtime';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { allRows, createKey } from '../support/books.ts';

/** Jobs that programs publish themselves, through the whole product. */
const QUIET = { info: () => undefined, warn: () => undefined };
let headrace: RunningHeadrace;
let bus: Bus;

beforeAll(async () => {
  headrace = await startHeadrace();
  const { port, password } = JSON.parse(readFileSync(join(headrace.dataDir, 'nats', 'credentials.json'), 'utf8'));
  bus = await connectBus({ url: natsUrl({ port, user: BUS_OPERATOR, password }), name: 'test', log: QUIET });
}, 60_000);
afterAll(async () => {
  await bus?.close();
  await headrace?.stop();
});

const chat = (text = 'hello', fields: object = {}): object => ({
  model: 'sandbox/echo',
  messages: [{ role: 'user', content: text }],
  ...fields,
});

function clientOf(key: string): Promise<QueueClient> {
  return createQueueClient({ owner: ownerOfKey(key), connection: { bus } });
}

async function resultsOf(client: QueueClient, group: string, count: number): Promise<Map<string, JobResult>> {
  const results = new Map<string, JobResult>();
  const signal = AbortSignal.timeout(30_000);
  for await (const result of client.results({ group, signal })) {
    expect(results.has(result.id)).toBe(false);
    results.set(result.id, result);
    if (results.size === count) break;
  }
  expect([...results.keys()]).toHaveLength(count);
  return results;
}

const textOf = (result: JobResult | undefined): string => Buffer.from(result?.body ?? []).toString();

test('a submission passes the same way as a request, and its answer and cost are stored under its name', async () => {
  const key = await createKey(headrace, { max_budget: 5 });
  const client = await clientOf(key);
  await client.submit({ group: 'plain', id: 'one', body: chat('from the queue'), headers: { 'x-litellm-session-id': 'night' } });
  await client.submit({ group: 'plain', id: 'two', body: { ...chat(), max_tokens: 20 }, route: '/v1/messages', lane: 'background' });
  await client.submit({ group: 'plain', id: 'three', body: chat('in parts', { stream: true }), live: true });
  const results = await resultsOf(client, 'plain', 3);
  expect(
    [...results.values()]
      .map(({ id, state, head }) => [id, state, head?.status])
      .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['one', 'succeeded', 200],
    ['three', 'succeeded', 200],
    ['two', 'succeeded', 200],
  ]);
  expect(JSON.parse(textOf(results.get('one'))).choices[0].message.content).toContain('from the queue');
  expect(JSON.parse(textOf(results.get('two'))).type).toBe('message');
  expect(textOf(results.get('three'))).toContain('data: [DONE]');
  const ofSession = async () => {
    const rows = (await allRows(headrace)).filter(({ session_id: session }) => session === 'night');
    return rows.length > 0 && rows;
  };
  const rows = await waitFor(ofSession, { what: 'the row of the ledger' });
  expect(rows.map(({ api_key: owner, headrace: { status } }) => [owner, status])).toEqual([[ownerOfKey(key), expect.anything()]]);
}, 60_000);

test('what its key was not allowed is asked again once it is', async () => {
  const key = await createKey(headrace, { models: ['sandbox/fast'] });
  const client = await clientOf(key);
  await client.submit({
    group: 'later',
    id: 'one',
    body: chat('again'),
    headers: { 'x-litellm-session-id': 'later', authorization: 'Bearer x' },
  });
  expect((await resultsOf(client, 'later', 1)).get('one')?.error?.code).toBe('model_access_denied');
  const post = (path: string, as: string, body: object = {}): Promise<Response> =>
    fetch(`${headrace.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await post('/key/update', headrace.masterKey, { key, models: ['sandbox/echo'] })).status).toBe(200);
  const asked = async (): Promise<JobResult | undefined> => {
    const retried = await post(`/v1/jobs/${jobIdOf(ownerOfKey(key), { group: 'later', id: 'one' })}/retry`, key);
    if (retried.status === 409) expect(await retried.text()).toContain('that has succeeded');
    else expect(retried.status).toBe(202);
    const results = await resultsOf(client, 'later', retried.status === 409 ? 2 : 1);
    return [...results.values()].find(({ state }) => state === 'succeeded');
  };
  // the ingress hears of the key's new models in its own time
  const result = await waitFor(asked, { what: 'a retry that succeeds', timeoutMs: 20_000 });
  expect(textOf(result)).toContain('again');
}, 60_000);

test('what can never run ends with its error at once, names what is wrong, and stands in nobody’s way', async () => {
  const key = await createKey(headrace, { models: ['sandbox/echo'] });
  const client = await clientOf(key);
  const bad: readonly (readonly [string, Partial<JobRequest>, string])[] = [
    ['json', { body: Buffer.from('{"model": ') }, 'invalid_json'],
    ['model', { body: chat('x', { model: 'nobody/knows' }) }, 'model_access_denied'],
    ['field', { body: { model: 'sandbox/echo' } }, 'invalid_request'],
    ['route', { route: '/v1/dreams' }, 'route_not_found'],
    ['late', { deadlineAt: Date.now() - 1_000 }, 'queue_timeout'],
    ['live', { lane: 'live' as 'batch' }, 'invalid_request'],
  ];
  for (const [id, request] of bad) await client.submit({ group: 'bad', id, body: chat(), ...request });
  await client.submit({ group: 'bad', id: 'good', body: chat() });
  const results = await resultsOf(client, 'bad', bad.length + 1);
  expect(Object.fromEntries(bad.map(([id]) => [id, results.get(id)?.error?.code]))).toEqual(
    Object.fromEntries(bad.map(([id, , code]) => [id, code])),
  );
  expect(results.get('late')?.state).toBe('expired');
  expect(results.get('good')?.state).toBe('succeeded');
  const stranger = await clientOf('sk-nobody-has-this');
  await stranger.submit({ group: 'bad', id: 'a', body: chat() });
  expect((await resultsOf(stranger, 'bad', 1)).get('a')?.error?.code).toBe('unknown_key');
}, 60_000);

test('a submission that is sent twice is one job, also when the server has forgotten the first', async () => {
  const client = await clientOf(await createKey(headrace, {}));
  const { job } = await client.submit({ group: 'twice', id: 'a', body: chat('once') });
  const first = (await resultsOf(client, 'twice', 1)).get('a');
  const subject = `submit.v1.${client.owner}.batch.twice.a`;
  const data = Buffer.from(JSON.stringify(chat('again')));
  await publishDurably(bus, { subject, data, messageId: 'another' }, { giveUpAfterMs: 5_000 });
  await client.submit({ group: 'twice', id: 'b', body: chat() });
  const all = await resultsOf(client, 'twice', 2);
  expect(all.get('a')).toMatchObject({ job, place: first?.place });
  expect(textOf(all.get('a'))).toContain('once');
}, 60_000);

test('a subject that names nobody goes to the dead letters with the reason, and a lane that does not exist is refused', async () => {
  const subject = 'submit.v1.owner.batch.too-short';
  await publishDurably(bus, { subject, data: Buffer.from('{}'), messageId: 'short' }, { giveUpAfterMs: 5_000 });
  const reader = await openStreamReader(bus, {
    stream: DEAD_STREAM,
    filterSubject: 'dead.submit.>',
    after: 0,
    consumers: () => ['test-dead'],
  });
  const [letter] = await reader.next();
  reader.close();
  expect(letter?.subject).toBe('dead.submit.batch');
  await expect(bus.js.publish('submit.v1.owner.express.group.id', '{}')).rejects.toThrow(/no responders|503|not enabled/i);
});

test('jobs of a key at its limit wait, in order, and those of another go past them', async () => {
  const limited = await clientOf(await createKey(headrace, { rpm_limit: 3 }));
  const free = await clientOf(await createKey(headrace, {}));
  const ids = Array.from({ length: 8 }, (_, index) => `n${index}`);
  for (const id of ids) await limited.submit({ group: 'limit', id, body: chat() });
  await free.submit({ group: 'free', id: 'a', body: chat() });
  await resultsOf(free, 'free', 1);
  const results = await resultsOf(limited, 'limit', 3);
  expect([...results.values()].every(({ state }) => state === 'succeeded')).toBe(true);
}, 60_000);

test('jobs above a budget that does not free end with budget_exceeded', async () => {
  const client = await clientOf(await createKey(headrace, { max_budget: 0 }));
  await client.submit({ group: 'poor', id: 'a', body: chat() });
  expect((await resultsOf(client, 'poor', 1)).get('a')?.error?.code).toBe('budget_exceeded');
}, 60_000);

test('jobs of a key with one slot are run one after the other, all of them, and those of another key go past them', async () => {
  const slow = await clientOf(await createKey(headrace, { max_parallel_requests: 1 }));
  const free = await clientOf(await createKey(headrace, {}));
  const ids = Array.from({ length: 5 }, (_, index) => `n${index}`);
  for (const id of ids) await slow.submit({ group: 'slots', id, body: chat() });
  await free.submit({ group: 'beside', id: 'a', body: chat() });
  await resultsOf(free, 'beside', 1);
  const results = await resultsOf(slow, 'slots', ids.length);
  expect([...results.values()].map(({ state }) => state)).toEqual(ids.map(() => 'succeeded'));
}, 60_000);

test('a job that is cancelled while it waits for its limit ends as cancelled', async () => {
  const client = await clientOf(await createKey(headrace, { rpm_limit: 1 }));
  await client.submit({ group: 'stop', id: 'a', body: chat() });
  await resultsOf(client, 'stop', 1);
  await client.submit({ group: 'stop', id: 'b', body: chat() });
  await client.cancel({ group: 'stop', id: 'b' });
  expect((await resultsOf(client, 'stop', 2)).get('b')?.state).toBe('cancelled');
}, 60_000);
