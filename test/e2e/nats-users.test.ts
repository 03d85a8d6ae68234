import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, openConfigBucket, openHealthBucket, openKeysBucket, openLimitsBucket, publishCore } from '#bus';
import { BUS_OPERATOR, BUS_USERS, type BusUser, inboxPrefix } from '#contracts';
import { natsServicePassword, natsUrl } from '#runtime';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { allRows, createKey } from '../support/books.ts';
import { chat, sandboxCall } from '../support/chat-client.ts';
import { startReplica } from '../support/replica.ts';

/** The whole product on a server where each service has a user of its own, and what those users may not do. */
let headrace: RunningHeadrace;
const buses = new Map<string, Bus>();
const problems: string[] = [];

beforeAll(async () => {
  headrace = await startHeadrace();
  const { port, password } = JSON.parse(readFileSync(join(headrace.dataDir, 'nats', 'credentials.json'), 'utf8'));
  for (const user of [...BUS_USERS, BUS_OPERATOR]) {
    const secret = user === BUS_OPERATOR ? password : natsServicePassword(password, user);
    const log = { info: () => undefined, warn: (fields: object) => void problems.push(`${user} ${JSON.stringify(fields)}`) };
    buses.set(user, await connectBus({ url: natsUrl({ port, user, password: secret }), name: `test ${user}`, log }));
  }
}, 60_000);
afterAll(async () => {
  for (const bus of buses.values()) await bus.close();
  await headrace?.stop();
});

const busOf = (user: string): Bus => {
  const bus = buses.get(user);
  if (bus === undefined) throw new Error(`no connection of ${user}`);
  return bus;
};

const violations = (): string[] => {
  const file = join(headrace.dataDir, 'logs', 'nats-server.log');
  return existsSync(file) ? (readFileSync(file, 'utf8').match(/.*(Publish|Subscription) Violation.*/g) ?? []) : [];
};

test('every service does its work with the rights it has', async () => {
  const key = await createKey(headrace, { max_budget: 5, rpm_limit: 1_000 });
  const replica = await startReplica(headrace, 'worker', { HEADRACE_SANDBOX_URL: `http://127.0.0.1:${await headrace.port('sandbox')}/v1` });
  const large = 'x'.repeat(700_000);
  const bodies = [sandboxCall({}), sandboxCall({}, { stream: true }), { ...sandboxCall({}), messages: [{ role: 'user', content: large }] }];
  const answers = await Promise.all(bodies.map((body) => chat({ url: headrace.url, key }, body)));
  expect(answers.map(({ status, text }) => (status === 200 ? 200 : text))).toEqual([200, 200, 200]);
  const stored = await ask('/v1/responses', key, { model: 'sandbox/echo', input: 'remember', store: true });
  expect(stored.status).toBe(200);
  const { id } = (await stored.json()) as { id: string };
  expect((await ask(`/v1/responses/${id}`, key)).status).toBe(200);
  const again = { 'idempotency-key': 'one' };
  await chat({ url: headrace.url, key }, sandboxCall({}), again);
  await chat({ url: headrace.url, key }, sandboxCall({}), again);
  await waitFor(async () => (await allRows(headrace)).length >= 5, { what: 'the rows of the ledger' });
  expect((await ask('/queue/list', headrace.masterKey)).status).toBe(200);
  expect((await ask('/queue/pause', headrace.masterKey, { provider: 'sandbox' })).status).toBe(200);
  expect((await ask('/queue/resume', headrace.masterKey, { provider: 'sandbox' })).status).toBe(200);
  expect(await (await ask('/metrics', headrace.masterKey)).text()).toContain('service="accounting"');
  await replica.stop();
  expect(violations()).toEqual([]);
}, 60_000);

const FORBIDDEN: readonly (readonly [BusUser, string])[] = [
  ['ingress', '$KV.keys.forged'],
  ['worker', '$KV.keys.forged'],
  ['accounting', '$KV.keys.forged'],
  ['batches', '$KV.keys.forged'],
  ['worker', '$KV.config.forged'],
  ['ingress', '$KV.spend.forged'],
  ['worker', 'submit.v1.owner.batch.group.id'],
  ['accounting', 'jobs.live.standard.openai'],
  ['batches', 'jobs.live.standard.openai'],
  ['batches', 'events.attempt.openai'],
  ['accounting', 'events.attempt.openai'],
];

test.each(FORBIDDEN)('%s can not publish to %s', async (user, subject) => {
  publishCore(busOf(user), subject, Buffer.from('x'));
  const refusal = `User "${user}", Subject "${subject}"`;
  await waitFor(() => violations().some((line) => line.includes(refusal)), { what: 'the refusal in the server’s log' });
});

test.each(BUS_USERS)('%s can not listen to the replies and frames of others', async (user) => {
  const others = BUS_USERS.filter((one) => one !== user).map((one) => `${inboxPrefix(one)}.>`);
  const subjects = [...others, '>', '_INBOX.>', ...(user === 'ingress' ? [] : ['hr.in.>'])];
  const errors: string[] = [];
  for (const subject of subjects) {
    busOf(user).nc.subscribe(subject, { callback: (error) => void (error && errors.push(error.message)) });
  }
  await waitFor(() => errors.length >= subjects.length, { what: `${subjects.length} refusals` });
});

test('buckets are opened by those who need them', async () => {
  await openKeysBucket(busOf('ingress'));
  await openKeysBucket(busOf('admin'));
  await openHealthBucket(busOf('worker'));
  await openLimitsBucket(busOf('worker'));
  await openConfigBucket(busOf('accounting'));
  await expect(openKeysBucket(busOf('worker'))).rejects.toThrow(/permissions violation/i);
  await expect(openLimitsBucket(busOf('ingress'))).rejects.toThrow(/permissions violation/i);
});

async function ask(path: string, key: string, body?: object): Promise<Response> {
  return fetch(new URL(path, headrace.url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
