import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus } from '#bus';
import { createQueueClient, ownerOfKey, type QueueClient } from '#client';
import { PUBLISHER_API, publisherConsumer, RUNS_STREAM, SUBMIT_STREAM } from '#contracts';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';

/** Two programs with NATS users of their own, and what one of them can't do to the other. */
const CLI = fileURLToPath(new URL('../../services/cli/publishers.ts', import.meta.url));
const run = promisify(execFile);

interface Tenant {
  readonly owner: string;
  readonly url: string;
  readonly client: QueueClient;
  readonly bus: Bus;
  readonly problems: string[];
}

let headrace: RunningHeadrace;
let one: Tenant;
let other: Tenant;

const publishers = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, [CLI, ...args, '--data-dir', headrace.dataDir])).stdout;

async function openTenant(name: string): Promise<Tenant> {
  const key = await createKey(headrace, {});
  const text = await publishers('add', name, '--key', key);
  const url = /connect to +(\S+)/.exec(text)?.[1] ?? '';
  const problems: string[] = [];
  const log = { info: () => undefined, warn: (fields: object) => void problems.push(String((fields as { err?: Error }).err)) };
  const bus = await waitFor(() => connectBus({ url, name, log }).catch(() => undefined), { what: `${name} to be let in` });
  const owner = ownerOfKey(key);
  return { owner, url, bus, problems, client: await createQueueClient({ owner, connection: { url } }) };
}

beforeAll(async () => {
  headrace = await startHeadrace();
  one = await openTenant('one');
  other = await openTenant('other');
}, 90_000);
afterAll(async () => {
  for (const tenant of [one, other]) {
    await tenant?.client.close();
    await tenant?.bus.close();
  }
  await headrace?.stop();
});

const body = { model: 'sandbox/echo', messages: [{ role: 'user', content: 'secret of the first' }] };

async function firstResult({ client }: Tenant, group: string) {
  for await (const result of client.results({ group, signal: AbortSignal.timeout(20_000) })) return result;
  return undefined;
}

test('each has its answers with its own credentials, long ones and streams too', async () => {
  await one.client.submit({ group: 'g', id: 'a', body });
  await other.client.submit({ group: 'g', id: 'a', body: { ...body, stream: true }, live: true });
  expect(await firstResult(one, 'g')).toMatchObject({ id: 'a', state: 'succeeded' });
  expect(Buffer.from((await firstResult(other, 'g'))?.body ?? []).toString()).toContain('data: [DONE]');
}, 60_000);

test('nobody publishes for another’s key, or anything that is the gateway’s own', async () => {
  const subjects = [
    `submit.v1.${one.owner}.batch.g.b`,
    `submit.held.${other.owner}.batch.g.b`,
    `runs.${one.owner}.g.cancel`,
    `submit.cancel.${one.owner}.g`,
    `runs.${other.owner}.g.a.end`,
    'jobs.batch.standard.sandbox',
    'events.attempt.sandbox',
    `$KV.keys.${other.owner}`,
    'hr.admit',
    'hr.metrics',
    'dead.submit.batch',
  ];
  for (const subject of subjects) other.bus.nc.publish(subject, 'x');
  await waitFor(() => subjects.every((subject) => other.problems.some((problem) => problem.includes(`"${subject}"`))), {
    what: 'all refusals',
  });
});

test('nobody reads another’s results, by whatever request', async () => {
  const stolen = (subject: string, payload: object = {}) => other.bus.nc.request(subject, JSON.stringify(payload), { timeout: 1_500 });
  const mine = publisherConsumer(other.owner, 1);
  const theirs = publisherConsumer(one.owner, 1);
  const config = (filter: string) => ({
    stream_name: RUNS_STREAM,
    config: { name: mine, filter_subject: filter, ack_policy: 'none', inactive_threshold: 5e9 },
  });
  const attempts: readonly (readonly [string, object?])[] = [
    [`${PUBLISHER_API}.DIRECT.GET.${RUNS_STREAM}.runs.${one.owner}.g.x.end`],
    [`${PUBLISHER_API}.DIRECT.GET.${RUNS_STREAM}`, { last_by_subj: `runs.${one.owner}.>` }],
    [`${PUBLISHER_API}.STREAM.MSG.GET.${RUNS_STREAM}`, { last_by_subj: `runs.${one.owner}.>` }],
    [`${PUBLISHER_API}.CONSUMER.CREATE.${RUNS_STREAM}.${mine}.runs.${one.owner}.>`, config(`runs.${one.owner}.>`)],
    [`${PUBLISHER_API}.CONSUMER.CREATE.${RUNS_STREAM}.${mine}`, config(`runs.${one.owner}.>`)],
    [`${PUBLISHER_API}.CONSUMER.CREATE.${RUNS_STREAM}`, config(`runs.${one.owner}.>`)],
    [`${PUBLISHER_API}.CONSUMER.DURABLE.CREATE.${RUNS_STREAM}.${mine}`, config(`runs.${one.owner}.>`)],
    [`${PUBLISHER_API}.CONSUMER.MSG.NEXT.${RUNS_STREAM}.${theirs}`, { batch: 1 }],
    [`${PUBLISHER_API}.CONSUMER.DELETE.${RUNS_STREAM}.${theirs}`],
    [`${PUBLISHER_API}.STREAM.INFO.${SUBMIT_STREAM}`],
    [`${PUBLISHER_API}.STREAM.PURGE.${RUNS_STREAM}`],
    ['$JS.API.STREAM.NAMES'],
    [`$JS.API.STREAM.MSG.GET.${RUNS_STREAM}`, { last_by_subj: `runs.${one.owner}.>` }],
  ];
  for (const [subject, payload] of attempts) await expect(stolen(subject, payload), subject).rejects.toThrow(/permission|no responders/i);
  // a filter that is not the one in the subject
  const allowed = `${PUBLISHER_API}.CONSUMER.CREATE.${RUNS_STREAM}.${mine}.runs.${other.owner}.>`;
  const answer = (await stolen(allowed, config(`runs.${one.owner}.>`))).json<{ error?: object }>();
  expect(answer.error).toBeDefined();
}, 60_000);

test('nobody listens to the replies or the messages of others', async () => {
  const errors: string[] = [];
  const subjects = ['>', '_INBOX.>', '_INBOX_ingress.>', `runs.${one.owner}.>`, 'runs.>', 'submit.>', 'hr.>', '$JS.>', '$KV.>'];
  for (const subject of subjects) other.bus.nc.subscribe(subject, { callback: (error) => void (error && errors.push(error.message)) });
  await waitFor(() => errors.length >= subjects.length, { what: `${subjects.length} refusals` });
});

test('a publisher that is removed is cut off, and the others are left alone', async () => {
  const third = await openTenant('third');
  const cut = Promise.withResolvers<void>();
  void (async () => {
    for await (const { type } of third.bus.nc.status()) if (type === 'disconnect') cut.resolve();
  })();
  expect(await publishers('ls')).toContain(third.owner);
  await publishers('rm', 'third');
  await cut.promise;
  expect(await publishers('ls')).not.toContain(third.owner);
  await expect(third.client.submit({ group: 'g', id: 'x', body })).rejects.toThrow(/authorization|does not answer|closed/i);
  await one.client.submit({ group: 'after', id: 'a', body });
  expect(await firstResult(one, 'after')).toMatchObject({ state: 'succeeded' });
  await third.client.close();
  await third.bus.close();
}, 60_000);

test('what the server answers can not be led to another’s subjects', async () => {
  const { owner } = one;
  const led = (id: string): string => `submit.v1.${owner}.batch.led.${id}`;
  const filter = `runs.${other.owner}.>`;
  const request = (consumer: string, config: object) =>
    other.bus.nc.request(
      `${PUBLISHER_API}.CONSUMER.CREATE.${RUNS_STREAM}.${consumer}.${filter}`,
      JSON.stringify({
        stream_name: RUNS_STREAM,
        config: { name: consumer, filter_subject: filter, ack_policy: 'none', inactive_threshold: 5e9, ...config },
      }),
    );
  await other.client.submit({ group: 'led', id: 'a', body });
  await firstResult(other, 'led');
  const puller = publisherConsumer(other.owner, 2);
  await request(puller, {});
  await request(publisherConsumer(other.owner, 3), { deliver_subject: led('pushed') });
  const replies: readonly (readonly [subject: string, payload: string, reply: string])[] = [
    [`submit.v1.${other.owner}.batch.led.b`, JSON.stringify(body), led('stored')],
    [`submit.v1.${other.owner}.batch.led.c`, JSON.stringify(body), `$KV.keys.${owner}`],
    [`submit.v1.${other.owner}.batch.led.d`, JSON.stringify(body), `$JS.API.STREAM.PURGE.${RUNS_STREAM}`],
    [`${PUBLISHER_API}.CONSUMER.MSG.NEXT.${RUNS_STREAM}.${puller}`, JSON.stringify({ batch: 5 }), led('pulled')],
    [`${PUBLISHER_API}.DIRECT.GET.${RUNS_STREAM}.runs.${other.owner}.led.x.end`, '', led('read')],
  ];
  for (const [subject, payload, reply] of replies) other.bus.nc.publish(subject, payload, { reply });
  await other.bus.flush();
  // the attacker's own jobs are behind what it tried, and the victim's are behind those
  await other.client.submit({ group: 'behind', id: 'a', body });
  await firstResult(other, 'behind');
  await one.client.submit({ group: 'led', id: 'own', body });
  expect(await firstResult(one, 'led')).toMatchObject({ id: 'own', state: 'succeeded' });
}, 60_000);
