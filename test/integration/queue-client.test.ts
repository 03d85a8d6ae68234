import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RUNS_STREAM, runSubject } from '#contracts';
import { createQueueClient, type JobResult, type QueueClient } from '#client';
import { waitFor } from '#testing';
import { connectBus, createPublisherKey, publishCore, type PublisherKey, readSubject, streamPlace } from '#bus';
import { type StandInIntake, startStandInIntake } from '../support/stand-in-intake.ts';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

const OWNER = hash('sha256', 'sk-of-this-test');
const STRANGER = hash('sha256', 'sk-of-somebody-else');
const [ownKey, strangersKey] = [createPublisherKey(), createPublisherKey()];
const publisher = (owner: string, { publicKey }: PublisherKey) => ({ name: owner, owner, nkey: publicKey, createdAt: '' });
let server: NatsBus;
let intake: StandInIntake;
let client: QueueClient;

beforeAll(async () => {
  server = await startNatsBus({ publishers: [publisher(OWNER, ownKey), publisher(STRANGER, strangersKey)] });
  intake = await startStandInIntake(await server.open(), ({ id, body }) =>
    body.includes('long')
      ? { text: 'end', pieces: Array.from({ length: 40 }, (_, index) => `${index},`) }
      : { text: JSON.stringify({ id }) },
  );
  client = await createQueueClient({ owner: OWNER, connection: { url: addressOf(ownKey) } });
});

/** As that user and not as the one who may do everything. */
function addressOf({ seed }: PublisherKey): string {
  const url = new URL(server.nats.url);
  url.username = seed;
  url.password = '';
  return url.href;
}

afterAll(async () => {
  await client.close();
  await intake.close();
  await server.close();
});

async function take(group: string, count: number, after?: number): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for await (const result of client.results({ group, after })) {
    results.push(result);
    if (results.length === count) break;
  }
  return results;
}

it('a job that was submitted has a result under its id', async () => {
  const { job, duplicate } = await client.submit({ group: 'one', id: 'a-1', body: { messages: [] } });
  expect(duplicate).toBe(false);
  const [result] = await take('one', 1);
  expect(result).toMatchObject({ job, group: 'one', id: 'a-1', state: 'succeeded', head: { status: 200 } });
  expect(JSON.parse(Buffer.from(result?.body ?? []).toString())).toEqual({ id: 'a-1' });
});

it('many jobs of a stream of requests are each run once, with a bounded number under way', async () => {
  let made = 0;
  let stored = 0;
  let most = 0;
  async function* requests() {
    for (let index = 0; index < 3_000; index += 1) {
      made += 1;
      most = Math.max(most, made - stored);
      yield { group: 'many', id: `j${index}`, body: { index } };
    }
  }
  const outcome = await client.submitMany(requests(), { inFlight: 64, onSubmitted: () => (stored += 1) });
  expect(outcome).toEqual({ submitted: 3_000, duplicates: 0, refused: 0 });
  expect(most).toBeLessThanOrEqual(65);
  const results = await take('many', 3_000);
  expect(new Set(results.map(({ id }) => id)).size).toBe(3_000);
  expect(results.at(-1)?.behind).toBe(0);
});

it('the same id again is the same job', async () => {
  const request = { group: 'again', id: 'x', body: {} };
  const first = await client.submit(request);
  await take('again', 1);
  expect(await client.submit(request)).toEqual({ job: first.job, duplicate: true });
  expect(intake.ran.filter((id) => id === 'x')).toHaveLength(1);
});

it('results go on behind the place where a reader left them', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await client.submitMany(ids.map((id) => ({ group: 'places', id, body: {} })));
  const first = await take('places', 7);
  const rest = await take('places', 13, first.at(-1)?.place);
  expect([...first, ...rest].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

it('an answer that was stored in pieces is whole in its result', async () => {
  await client.submit({ group: 'pieces', id: 'l', body: { long: true } });
  const [result] = await take('pieces', 1);
  expect(Buffer.from(result?.body ?? []).toString()).toBe(`${Array.from({ length: 40 }, (_, index) => `${index},`).join('')}end`);
  expect(result?.head?.status).toBe(200);
});

it('a reader gets every result once across a restart of the server', async () => {
  const seen: string[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const { id } of client.results({ group: 'restart', signal: stop.signal })) seen.push(id);
  })();
  const submit = (from: number) =>
    client.submitMany(Array.from({ length: 50 }, (_, index) => ({ group: 'restart', id: `r${from + index}`, body: {} })));
  await submit(0);
  await waitFor(() => seen.length === 50, { what: 'the first 50 results' });
  await server.nats.kill();
  await server.nats.start();
  await submit(50);
  await waitFor(() => seen.length >= 100, { what: 'the results after the restart', timeoutMs: 20_000 });
  expect(new Set(seen).size).toBe(100);
  stop.abort();
  await reading;
  expect(seen).toHaveLength(100);
});

it('a name or a body that the queue could not take is refused with the field', async () => {
  await expect(client.submit({ group: 'a.b', id: 'x', body: {} })).rejects.toMatchObject({ code: 'invalid_request', param: 'group' });
  await expect(client.submit({ group: 'a', id: '', body: {} })).rejects.toMatchObject({ code: 'invalid_request', param: 'id' });
  const large = { group: 'a', id: 'x', body: Buffer.alloc(9 * 1024 * 1024) };
  await expect(client.submit(large)).rejects.toMatchObject({ code: 'body_too_large', param: 'body' });
});

it('a job that still waits, or runs, is asked to end by its name', async () => {
  const { job } = await client.submit({ group: 'end', id: 'c', body: {} });
  await client.cancel({ group: 'end', id: 'c' });
  await client.cancel({ group: 'end', id: 'c' });
  const subject = runSubject({ owner: OWNER, group: 'end', job }, 'cancel');
  await waitFor(() => readSubject(server.bus, RUNS_STREAM, subject), { what: 'the cancel' });
});

it('a publisher can neither read nor submit nor cancel for another key', async () => {
  await client.submit({ group: 'mine', id: 'secret', body: {} });
  await take('mine', 1);
  const asStranger = await createQueueClient({ owner: OWNER, connection: { url: addressOf(strangersKey) } });
  await expect(asStranger.results({ group: 'mine' }).next()).rejects.toThrow(/permission/i);
  const bus = await connectBus({ url: addressOf(strangersKey), name: 'stranger', log: { info: () => undefined, warn: () => undefined } });
  const name = { owner: OWNER, group: 'mine', job: 'job_x' };
  await expect(readSubject(bus, RUNS_STREAM, runSubject(name, 'end'))).rejects.toThrow(/permission/i);
  const before = (await streamPlace(server.bus, RUNS_STREAM)).lastSeq;
  publishCore(bus, runSubject(name, 'cancel'), Buffer.from('{}'));
  publishCore(bus, `submit.v1.${OWNER}.batch.mine.forged`, Buffer.from('{}'));
  await bus.flush();
  await client.submit({ group: 'mine', id: 'next', body: {} });
  await take('mine', 2);
  expect((await streamPlace(server.bus, RUNS_STREAM)).lastSeq).toBe(before + 1);
  expect(intake.ran).not.toContain('forged');
  await bus.close();
  await asStranger.close();
});
