import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRunStore } from '#bus';
import { DEFAULT_ALERTS, DEFAULT_JOBS } from '#config';
import { BACKGROUND_GROUP, type RunEnd, RUNS_STREAM, WEBHOOKS_CONSUMER } from '#contracts';
import { createBatch, takeDueWebhooks } from '#db';
import { waitFor } from '#testing';
import { openWebhooks } from '../../services/admin/webhooks/open-webhooks.ts';
import { WEBHOOK_EVENTS } from '../../services/admin/webhooks/webhook-event.ts';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

const quiet = { info() {}, warn() {}, error() {} };

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let admin: AdminUnderTest;
let receiver: Server;
let posts: Post[];
let answers: number[];
let releases: (() => unknown)[];

beforeAll(async () => {
  admin = await startAdmin();
}, 60_000);
afterAll(() => admin?.remove());
beforeEach(async () => {
  posts = [];
  answers = [];
  releases = [];
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterEach(async () => {
  for (const release of releases.toReversed()) await release();
  receiver.closeAllConnections();
  receiver.close();
  const manager = await admin.bus.js.jetstreamManager();
  await manager.consumers.delete(RUNS_STREAM, WEBHOOKS_CONSUMER).catch(() => undefined);
  await manager.streams.purge(RUNS_STREAM).catch(() => undefined);
  await admin.db.pool.query('truncate webhook_endpoints, batches cascade');
});

const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
const start = (allowedPrivateHosts = ['127.0.0.1']) =>
  openWebhooks({
    ...admin,
    stored: { sealing: admin.stored.sealing, config: { ...admin.stored.config, alerts: { ...DEFAULT_ALERTS, allowedPrivateHosts } } },
    log: quiet,
    now: () => new Date(),
    releases: { add: (_name, release) => void releases.push(release) },
  });
const hook = async (body: object = {}, as?: string) => (await admin.call('/webhooks', { body: { url: address(), ...body }, as })).json;
const deliveries = async (as?: string) => (await admin.call('/webhooks/deliveries', { as })).json.deliveries;
const arrived = (count: number) => waitFor(() => posts.length >= count, { timeoutMs: 20_000, what: `${count} posts` });
/** Times are kept in whole milliseconds, rounded: `now()` may be a moment ahead. */
const makeDue = () => admin.db.pool.query(`update webhook_deliveries set next_at = now() - interval '1 second' where next_at is not null`);

async function endJob(
  owner: string,
  job: string,
  { route = '/v1/chat/completions', state = 'succeeded' as RunEnd['state'], group = BACKGROUND_GROUP } = {},
) {
  const store = await openRunStore(admin.bus, DEFAULT_JOBS);
  const name = { owner, group, job };
  const at = Date.now();
  await store.claim(name, { v: 1, job, acceptedAt: at, deadlineAt: at + 60_000, model: 'm', route, stream: false });
  await store.put(name, 'end', { v: 1, job, state, attempt: 1, acceptedAt: at, endedAt: at, pieces: 0 });
}

describe('delivery', () => {
  test('a job that ends is told once by all processes together, and the openai client takes the signature', async () => {
    const { secret } = await hook();
    await Promise.all([start(), start()]);
    await endJob('o', 'job_1', { route: '/v1/responses' });
    await arrived(1);
    await endJob('o', 'job_2', { state: 'expired' });
    await arrived(2);
    expect(posts).toHaveLength(2);
    const client = new OpenAI({ apiKey: 'sk-x', webhookSecret: secret });
    const [first, second] = await Promise.all(posts.map(({ body, headers }) => client.webhooks.unwrap(body, headers as never)));
    expect(first).toMatchObject({ object: 'event', type: 'response.completed', data: { id: 'resp_job_1' } });
    expect(second).toMatchObject({ type: 'response.failed', data: { id: 'job_2', state: 'expired' } });
    const forged = client.webhooks.unwrap(posts[0]!.body.replace('job_1', 'job_9'), posts[0]!.headers as never);
    await expect(forged).rejects.toThrow('signature');
  });

  test('nobody is told of the jobs of others, of events it did not ask for, or of single jobs of a batch', async () => {
    await hook({ key: 'a'.repeat(64) });
    await hook({ events: ['response.cancelled'] });
    await start();
    await endJob('b'.repeat(64), 'job_1');
    await endJob('a'.repeat(64), 'job_2', { group: 'batch_1', state: 'cancelled' });
    await endJob('a'.repeat(64), 'job_3');
    await endJob('b'.repeat(64), 'job_4', { state: 'cancelled' });
    await arrived(2);
    expect(posts.map(({ body }): string => JSON.parse(body).data.id).toSorted()).toEqual(['job_3', 'job_4']);
  });

  test('a batch that ends is told once', async () => {
    await hook();
    const batch = {
      id: 'batch_1',
      owner: 'o',
      format: 'openai-batch',
      endpoint: '/v1/chat/completions',
      inputFileId: 'f',
      completionWindow: '24h',
    } as const;
    await createBatch(admin.db, { ...batch, expiresAt: new Date(Date.now() + 60_000) } as never);
    await admin.db.pool.query(`update batches set state = 'completed', ended_at = now()`);
    await Promise.all([start(), start()]);
    await arrived(1);
    await endJob('o', 'job_1');
    await arrived(2);
    expect(posts.map(({ body }) => JSON.parse(body).type)).toEqual(['batch.completed', 'response.completed']);
    expect(JSON.parse(posts[0]!.body).data).toEqual({ id: 'batch_1' });
  });

  test('what is not taken is tried again under the same id, with the same bytes, until it is', async () => {
    answers = [500, 302];
    await hook();
    await start();
    await endJob('o', 'job_1');
    for (const tries of [1, 2, 3]) {
      await arrived(tries);
      await waitFor(async () => (await deliveries())[0].error !== null || tries === 3, { timeoutMs: 10_000, what: 'it is written down' });
      await makeDue();
    }
    await waitFor(async () => (await deliveries())[0].status === 'delivered', { timeoutMs: 10_000, what: 'it is delivered' });
    expect(new Set(posts.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1);
    expect(await deliveries()).toMatchObject([{ type: 'response.completed', tries: 3, error: null }]);
  });

  test('after a day it is given up, and sent again when somebody asks for that', async () => {
    answers = [500, 500];
    await hook();
    await start();
    await endJob('o', 'job_1');
    await arrived(1);
    await waitFor(async () => (await deliveries())[0].error !== null, { timeoutMs: 10_000, what: 'it is written down' });
    await admin.db.pool.query(
      `update webhook_deliveries set tried_since = now() - interval '25 hours', next_at = now() - interval '1 second'`,
    );
    await waitFor(async () => (await deliveries())[0].status === 'failed', { timeoutMs: 10_000, what: 'it is given up' });
    const [{ id }] = await deliveries();
    expect((await admin.call(`/webhooks/deliveries/${id}/redeliver`, { body: {} })).status).toBe(200);
    await arrived(3);
    await waitFor(async () => (await deliveries())[0].status === 'delivered', { timeoutMs: 10_000, what: 'it is delivered' });
  });

  test('an address inside the network gets nothing', async () => {
    await hook();
    await start([]);
    await endJob('o', 'job_1');
    await waitFor(async () => (await deliveries())[0]?.error !== undefined && (await deliveries())[0].error !== null, {
      timeoutMs: 10_000,
      what: 'it is refused',
    });
    expect((await deliveries())[0].error).toContain('not on the public internet');
    expect(posts).toEqual([]);
  });

  test('a delivery whose process died is taken by another one, and by one alone', async () => {
    const { id } = await hook();
    await admin.db.pool.query(
      `insert into webhook_deliveries (id, endpoint_id, event_id, type, payload, next_at) values ('wd', '${id}', 'e', 't', '{}', now() - interval '1 second')`,
    );
    const taken = await Promise.all([1, 2, 3].map(() => takeDueWebhooks(admin.db, { limit: 9, leaseMs: 60_000 })));
    expect(taken.flat()).toMatchObject([{ tries: 1, url: address() }]);
    expect(await takeDueWebhooks(admin.db, { limit: 9, leaseMs: 60_000 })).toEqual([]);
    await makeDue();
    expect(await takeDueWebhooks(admin.db, { limit: 9, leaseMs: 60_000 })).toMatchObject([{ tries: 2 }]);
  });
});

describe('management', () => {
  const newKey = async () => (await admin.call('/key/generate', { body: {} })).json.key as string;

  test('a key sees and changes its own webhooks only; the secret is shown once and stored sealed', async () => {
    const [one, other] = [await newKey(), await newKey()];
    const { id, secret } = await hook({ events: [...WEBHOOK_EVENTS] }, one);
    expect(secret).toMatch(/^whsec_/);
    const list = async (as?: string) => (await admin.call('/webhooks', { as })).json.webhooks;
    expect(await list(one)).toMatchObject([{ id, url: address() }]);
    expect(JSON.stringify(await list())).not.toContain(secret);
    expect(await list(other)).toEqual([]);
    expect(JSON.stringify((await admin.db.pool.query('select * from webhook_endpoints')).rows)).not.toContain(secret);
    expect((await admin.call(`/webhooks/${id}`, { method: 'DELETE', as: other })).status).toBe(404);
    expect((await admin.call(`/webhooks/${id}`, { method: 'PATCH', body: { disabled: true }, as: other })).status).toBe(404);
    expect((await admin.call('/webhooks', { body: { url: address(), key: 'a'.repeat(64) }, as: one })).status).toBe(403);
    expect((await admin.call(`/webhooks/${id}`, { method: 'PATCH', body: { disabled: true }, as: one })).json.disabled).toBe(true);
    expect((await admin.call(`/webhooks/${id}`, { method: 'DELETE', as: one })).json).toEqual({ id, deleted: true });
    expect(await list()).toEqual([]);
  });

  test.each([
    [{ url: 'ftp://x' }, 'url'],
    [{ url: 'https://user:pass@example.com/' }, 'url'],
    [{ events: ['response.began'] }, 'events[0]'],
    [{ events: [] }, 'events'],
    [{ event: 'x' }, 'event'],
  ])('refuses %j and names the field', async (change, param) => {
    const { status, json } = await admin.call('/webhooks', { body: { url: address(), ...change } });
    expect([status, json.error.param]).toEqual([400, param]);
  });
});
