import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bus, connectBus, ensureTopology, openHealthBucket, publishAlert } from '#bus';
import { type AlertDestination, type AlertSettings, DEFAULT_ALERTS } from '#config';
import { type Alert, ALERT_KINDS, ALERTS_CONSUMER, alertSubject, type BudgetAlert, DEAD_STREAM, EVENTS_STREAM } from '#contracts';
import { applyAttempts, createPool, createVirtualKey, type Database, listAlerts, recordAlert, takeDueDeliveries } from '#db';
import { createTestDatabase, startNats, type TestDatabase, type TestNats, waitFor } from '#testing';
import { openAlerts } from '../../services/admin/alerts/open-alerts.ts';
import { attemptEvent } from './support/attempt-event.ts';

const quiet = { info() {}, warn() {}, error() {} };
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
/** The stream remembers names for two minutes: each test has its own. */
const softBudget = (): BudgetAlert => ({
  kind: 'soft_budget',
  scope: { kind: 'team', id: 'red <team>' },
  window: randomUUID(),
  period: '1d',
  limitUsd: '4',
  spentUsd: '4.01',
  startsAt: Date.UTC(2025, 5, 1),
  resetsAt: Date.UTC(2025, 5, 2),
});

interface Post {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let nats: TestNats;
let bus: Bus;
let database: TestDatabase;
let db: Database;
let receiver: Server;
let soft: BudgetAlert;
let posts: Post[];
let answers: number[];
let releases: (() => unknown)[];

beforeAll(async () => {
  [nats, database] = await Promise.all([startNats(), createTestDatabase()]);
  bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
  db = createPool(database.url, { max: 8 });
  await ensureTopology(bus);
}, 30_000);
afterAll(async () => {
  await bus?.close();
  await db?.close();
  await Promise.all([nats?.remove(), database?.remove()]);
});
beforeEach(async () => {
  soft = softBudget();
  posts = [];
  answers = [];
  releases = [];
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterEach(async () => {
  for (const release of releases.toReversed()) await release();
  receiver.closeAllConnections();
  receiver.close();
  const manager = await bus.js.jetstreamManager();
  await manager.consumers.delete(EVENTS_STREAM, ALERTS_CONSUMER).catch(() => undefined);
  await manager.streams.purge(EVENTS_STREAM);
  await manager.streams.purge(DEAD_STREAM);
  await db.pool.query('truncate alerts cascade; truncate attempts, daily_spend, session_spend, virtual_keys');
});

const address = (path = '/hook') => ({ literal: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}` });
const webhook = (): AlertDestination => ({
  name: 'webhook',
  format: 'webhook',
  url: address(),
  secret: { literal: SECRET },
  kinds: ALERT_KINDS,
});

async function start(destinations: readonly AlertDestination[], change: Partial<AlertSettings> = {}): Promise<void> {
  const alerts = { ...DEFAULT_ALERTS, destinations, allowedPrivateHosts: ['127.0.0.1'], ...change };
  const deployments = [{ id: 'd1', provider: 'acme', modelGroup: 'planner' }];
  await openAlerts({
    db,
    bus,
    config: () => ({ alerts, deployments }) as never,
    env: {},
    log: quiet,
    now: () => new Date(),
    releases: { add: (_name, release) => void releases.push(release) },
  });
}

const publish = (alert: Alert) => publishAlert(bus, alert, { now: Date.now() });
const arrived = (count: number) => waitFor(() => posts.length >= count, { timeoutMs: 20_000, what: `${count} posts` });
const makeDue = () => db.pool.query(`update alert_deliveries set next_at = now() - interval '1 second' where next_at is not null`);
const settled = () =>
  waitFor(
    async () => (await listAlerts(db, { limit: 9 })).some(({ deliveries }) => deliveries.some((one) => one.deliveredAt ?? one.givenUpAt)),
    {
      timeoutMs: 20_000,
      what: 'a delivery is over',
    },
  );

describe('delivery', () => {
  test('an alert that several publish is told once by all processes together, signed', async () => {
    await Promise.all([start([webhook()]), start([webhook()])]);
    await Promise.all([publish(soft), publish({ ...soft, spentUsd: '4.02' }), publish(soft)]);
    await arrived(1);
    const marker = softBudget();
    await publish(marker);
    await arrived(2);
    expect(posts.map(({ body }) => JSON.parse(body).data.window)).toEqual([soft.window, marker.window]);
    const [{ headers, body } = posts[0]!] = posts;
    const content = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    const expected = createHmac('sha256', '0123456789abcdef0123456789abcdef').update(content).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(60);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.soft_budget',
      data: { title: 'The soft budget of the team red <team> is reached', limitUsd: '4', scope: { kind: 'team', id: 'red <team>' } },
    });
  });

  test('what is not taken is tried again, under the same id, until it is', async () => {
    answers = [500, 429];
    await start([webhook()]);
    await publish(soft);
    for (let tries = 1; tries <= 3; tries += 1) {
      await arrived(tries);
      await waitFor(async () => ((await listAlerts(db, { limit: 1 }))[0]?.deliveries[0]?.error ?? null) !== null || tries === 3, {
        timeoutMs: 10_000,
        what: 'the failure is written down',
      });
      await makeDue();
    }
    await settled();
    expect(new Set(posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(posts.map(({ body }) => body)).size).toBe(1);
    expect(await listAlerts(db, { limit: 1 })).toMatchObject([{ deliveries: [{ destination: 'webhook', tries: 3, error: null }] }]);
  });

  test('what is never taken is given up in the end and kept among the dead letters', async () => {
    answers = [500, 500];
    await start([webhook()], { giveUpAfterMs: 0 });
    await publish(soft);
    await settled();
    expect(await listAlerts(db, { limit: 1 })).toMatchObject([{ deliveries: [{ tries: 1, deliveredAt: null, error: 'answered 500' }] }]);
    const letter = await (await bus.js.jetstreamManager()).streams.getMessage(DEAD_STREAM, { last_by_subj: 'dead.events.alert' });
    expect(JSON.parse(letter?.string() ?? '{}')).toMatchObject({ kind: 'soft_budget' });
    expect(letter?.header.get('Headrace-Error')).toBe('webhook: answered 500');
  });

  test('an address that is not on the public internet gets nothing unless it is allowed', async () => {
    await start([webhook()], { allowedPrivateHosts: [], giveUpAfterMs: 0 });
    await publish(soft);
    await settled();
    const [found] = await listAlerts(db, { limit: 1 });
    expect(found?.deliveries).toMatchObject([{ deliveredAt: null, error: expect.stringContaining('not on the public internet') }]);
    expect(posts).toEqual([]);
  });

  test('a redirect is not followed', async () => {
    answers = [302];
    await start([webhook()], { giveUpAfterMs: 0 });
    await publish(soft);
    await settled();
    expect((await listAlerts(db, { limit: 1 }))[0]?.deliveries).toMatchObject([{ deliveredAt: null, error: 'answered 302' }]);
    expect(posts).toHaveLength(1);
  });

  test('a delivery whose process died is taken by another one, and by one alone', async () => {
    await recordAlert(db, { ...soft, v: 1, id: 'a', at: Date.now() }, ['webhook']);
    const taken = await Promise.all([1, 2, 3].map(() => takeDueDeliveries(db, { limit: 9, leaseMs: 60_000 })));
    expect(taken.flat()).toMatchObject([{ destination: 'webhook', tries: 1 }]);
    expect(await takeDueDeliveries(db, { limit: 9, leaseMs: 60_000 })).toEqual([]);
    await makeDue();
    expect(await takeDueDeliveries(db, { limit: 9, leaseMs: 60_000 })).toMatchObject([{ tries: 2 }]);
  });

  test('each destination gets the kinds it asks for, in its own form', async () => {
    await start([
      { name: 'slack', format: 'slack', url: address('/slack'), kinds: ['soft_budget'] },
      { name: 'email', format: 'email', url: address('/email'), kinds: ['soft_budget'], to: ['ops@example.com'] },
      { name: 'other', format: 'webhook', url: address('/other'), kinds: ['provider_down'] },
    ]);
    await publish(soft);
    await arrived(2);
    const bodies = Object.fromEntries(posts.map(({ url, body }) => [url, JSON.parse(body)]));
    expect(Object.keys(bodies).toSorted()).toEqual(['/email', '/slack']);
    expect(bodies['/slack'].text).toBe('The soft budget of the team red <team> is reached');
    expect(bodies['/slack'].blocks[1].text.text).toContain('*Spent:* $4.01');
    expect(bodies['/email']).toMatchObject({ to: ['ops@example.com'], subject: expect.stringContaining('soft budget') });
    expect(bodies['/email'].html).toContain('red &lt;team&gt;');
    expect(bodies['/email'].text).toContain('Resets: 2025-06-02T00:00:00.000Z');
  });

  test('a message that is no alert is kept among the dead letters and holds up none of the others', async () => {
    const broken = new TextEncoder().encode('{"v":1,"kind":"weather"}');
    await bus.js.publish(alertSubject('soft_budget'), broken);
    await start([webhook()]);
    await publish(soft);
    await arrived(1);
    const letter = await (await bus.js.jetstreamManager()).streams.getMessage(DEAD_STREAM, { last_by_subj: 'dead.events.alert' });
    expect(letter?.header.get('Headrace-Error')).toBe('alert kind "weather" is unknown');
  });
});

describe('what is noticed', () => {
  const kindOf = ({ body }: Post) => JSON.parse(body).data;
  const key = (alias: string, expiresInMs: number | undefined, blocked = false) =>
    createVirtualKey(db, {
      hash: alias.padEnd(64, '0'),
      masked: `sk-...${alias}`,
      alias,
      createdBy: 'test',
      blocked,
      expiresAt: expiresInMs === undefined ? null : new Date(Date.now() + expiresInMs),
    } as never);

  test('a key that expires within the week, once; no key that is blocked, over, or has time', async () => {
    const day = 86_400_000;
    await Promise.all([key('soon', 2 * day), key('later', 30 * day), key('over', -day), key('gone', day, true), key('ever', undefined)]);
    await start([webhook()]);
    await arrived(1);
    await publish(soft);
    await arrived(2);
    expect(posts.map(kindOf).filter(({ kind }) => kind === 'key_expiring')).toMatchObject([{ alias: 'soon', masked: 'sk-...soon' }]);
  });

  test('an hour that costs many times the usual, by key and team; nobody without a usual amount', async () => {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
    const spend = (name: string, acceptedAt: number, totalUsd: string) =>
      attemptEvent({
        by: { keyHash: name, teamId: `team-${name}` },
        acceptedAt,
        cost: { inputUsd: totalUsd, cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd },
      });
    const lastWeek = hour - 2 * 86_400_000;
    await applyAttempts(db, [
      // a week of $16.80 is $0.10 an hour
      spend('wild', lastWeek, '16.80'),
      spend('wild', hour + 60_000, '6'),
      spend('calm', lastWeek, '1680'),
      spend('calm', hour + 60_000, '6'),
      spend('new', hour + 60_000, '600'),
      spend('small', lastWeek, '0.0168'),
      spend('small', hour + 60_000, '0.9'),
    ]);
    await start([webhook()]);
    await arrived(2);
    await publish(soft);
    await arrived(3);
    const told = posts.map(kindOf).filter(({ kind }) => kind === 'spend_anomaly');
    expect(told.map(({ scope }) => `${scope.kind} ${scope.id}`).toSorted()).toEqual(['key wild', 'team team-wild']);
    expect(told[0]).toMatchObject({ spentUsd: '6', usualUsd: '0.100000', from: hour, until: hour + 3_600_000 });
  });

  test('a deployment that has been out for a while, once for the outage', async () => {
    const health = await openHealthBucket(bus);
    const record = { v: 1, state: 'open', until: Date.now() + 60_000, code: 'upstream_overloaded', by: 'test' } as const;
    await health.write({ ...record, deploymentId: 'd1', since: Date.now() - 120_000 }, 0);
    await health.write({ ...record, deploymentId: 'd2', since: Date.now() - 120_000 }, 0);
    await start([webhook()]);
    await arrived(1);
    expect(kindOf(posts[0]!)).toMatchObject({
      kind: 'provider_down',
      provider: 'acme',
      deploymentId: 'd1',
      modelGroup: 'planner',
      cause: 'upstream_overloaded',
    });
  });
});
