import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey, readMeter } from '../support/books.ts';
import { type ChatTarget, readStream, sandboxCall, startChat } from '../support/chat-client.ts';
import { ask, awaitJob, readEvents, type SeenEvent, sendAway } from '../support/job-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Streams that outlive their connections, the ingress that accepted them, and the worker that makes them. */
let headrace: RunningHeadrace;
let replica: Replica;
let first: ChatTarget;
let second: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  const key = await createKey(headrace);
  replica = await startReplica(headrace, 'ingress');
  first = { url: headrace.url, key };
  second = { url: replica.url, key };
});
afterAll(async () => {
  await replica?.stop();
  await headrace?.stop();
});

const TOKENS = 60;
const stream = (more: object = {}) => sandboxCall({ tokens: TOKENS, tokens_per_second: 15, numbered: true, ...more }, { stream: true });

/** Bytes after which a connection is cut: a different one for each stream and each of its connections. */
function cutAt(index: number, round: number): number {
  return 300 + ((index * 7_919 + round * 104_729) % 3_500);
}

/** Reads a stream to its end over connections that break, each behind the last event that came whole, at one ingress and the other in turn. */
async function readOverCuts(id: string, index: number, mostCuts: number): Promise<{ events: readonly SeenEvent[]; cuts: number }> {
  const events: SeenEvent[] = [];
  const giveUpAt = Date.now() + 60_000;
  let cuts = 0;
  for (let round = 0; Date.now() < giveUpAt; round += 1) {
    const after = events.findLast((event) => event.id !== undefined)?.id;
    const until = cuts < mostCuts ? (bytes: number) => bytes > cutAt(index, round) : () => false;
    const read = await readEvents(round % 2 === 0 ? first : second, id, { after, until });
    // a comment without an id may come again behind the last event
    events.push(...read.events.filter((event) => event.id !== undefined));
    if (read.isWhole) return { events, cuts };
    cuts += 1;
    // an ingress that is not there refuses at once
    if (read.events.length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the stream of ${id} did not end`);
}

async function expectWhole(id: string, events: readonly SeenEvent[]): Promise<void> {
  const { text } = await ask(second, `/v1/jobs/${id}/result`);
  const whole = text.split('\n\n').filter((block) => /^(?:data|event):/m.test(block));
  expect(events.map((event) => event.text)).toEqual(whole);
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  expect(readStream(text)).toMatchObject({ done: true, finishReason: 'stop', error: undefined });
  expect(readStream(text).text.trim().split(' ')).toEqual(Array.from({ length: TOKENS }, (_, i) => `t${i}`));
}

test('100 streams that are cut at random points and resumed are whole, byte for byte, over a kill -9 of the ingress that accepted them', async () => {
  const before = await readMeter(headrace);
  const ids = await Promise.all(Array.from({ length: 100 }, () => sendAway(first, stream())));
  const reading = ids.map((id, index) => readOverCuts(id, index, 4));
  await waitFor(async () => (await readMeter(headrace)).inFlight > before.inFlight, { what: 'the provider to have the calls' });
  await headrace.kill('ingress');
  const read = await Promise.all(reading);
  for (const [index, { events }] of read.entries()) await expectWhole(ids[index] ?? '', events);
  expect(read.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(100);
  // none was run again for its readers
  expect((await readMeter(headrace)).requests - before.requests).toBe(100);
}, 120_000);

test('a call whose client and ingress vanish is picked up by its id at another ingress', async () => {
  const call = startChat(first, stream(), { 'x-headrace-resumable': 'true' });
  const id = String((await call.head).headers['x-headrace-job-id']);
  await headrace.kill('ingress');
  await call.answer;
  const { events } = await readOverCuts(id, 3, 0);
  await expectWhole(id, events);
}, 60_000);

test('a job whose worker is killed is run again: its readers are told, and its result is whole', async () => {
  const id = await sendAway(second, stream());
  const early = await readEvents(second, id, { until: (bytes) => bytes > 800 });
  const after = early.events.findLast((event) => event.id !== undefined)?.id;
  const reading = readEvents(second, id, { after });
  await headrace.kill('worker');
  const { events } = await reading;
  const restart = events.findIndex(({ text }) => text.includes('event: headrace.restart'));
  expect(restart).toBeGreaterThanOrEqual(0);
  expect(await awaitJob(second, id, 60_000)).toMatchObject({ status: 'succeeded' });
  await expectWhole(
    id,
    events.slice(restart + 1).filter((event) => event.id !== undefined),
  );
  // what the dead worker's call may have cost is booked as well
  const rows = await awaitRows(headrace, id, 2);
  expect(rows.map((row) => row.headrace.status).toSorted()).toEqual(['lost', 'success']);
}, 120_000);

test('queued jobs outlive a kill -9 of nats-server, and are run once', async () => {
  const before = await readMeter(headrace);
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, i) => sendAway(second, sandboxCall({ text: `n${i}`, first_token_ms: 1_000 }))),
  );
  await headrace.kill('nats-server');
  for (const [index, id] of ids.entries()) {
    expect(await awaitJob(second, id, 60_000)).toMatchObject({ status: 'succeeded' });
    expect(JSON.parse((await ask(second, `/v1/jobs/${id}/result`)).text).choices[0].message.content).toBe(`n${index}`);
  }
  expect((await readMeter(headrace)).requests - before.requests).toBe(10);
}, 90_000);
