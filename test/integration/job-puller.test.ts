import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createJobPuller, ensureJobConsumer, type JobPuller, type PulledJob, publishDurably } from '#bus';
import { jobSubject, JOBS_STREAM } from '#contracts';
import { waitFor } from '#testing';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

let server: NatsBus;
let nats: NatsBus['nats'];
let bus: NatsBus['bus'];
let route: { lane: 'live'; tier: string; provider: string };
let consumer: string;
let pulled: PulledJob[];
let refusals: string[];
let rooms: number;
let puller: JobPuller;
let files = 0;

beforeAll(async () => {
  server = await startNatsBus();
  ({ nats, bus } = server);
});

afterAll(() => server?.close());

beforeEach(async () => {
  route = { lane: 'live', tier: 'standard', provider: `p${(files += 1)}` };
  consumer = await ensureJobConsumer(bus, route);
  pulled = [];
  refusals = [];
  rooms = 0;
  puller = open();
});

afterEach(() => puller.close());

const open = (): JobPuller =>
  createJobPuller({
    bus,
    consumer,
    onJob: (job) => pulled.push(job),
    onRoom: () => (rooms += 1),
    onRefused: (reason) => refusals.push(reason),
  });

async function queue(count: number, prefix = 'job'): Promise<void> {
  const subject = jobSubject(route);
  const publish = (index: number) =>
    publishDurably(
      bus,
      { subject, data: Buffer.from(`${prefix}-${index}`), messageId: `${route.provider}.${prefix}.${index}` },
      { giveUpAfterMs: 10_000 },
    );
  for (let index = 0; index < count; index += 1) await publish(index);
}

const names = (): string[] => pulled.map((job) => Buffer.from(job.data).toString());
const pending = async () => {
  const info = await (await jetstreamManager(bus.nc)).consumers.info(JOBS_STREAM, consumer);
  return { unacked: info.num_ack_pending, queued: info.num_pending };
};

describe('a pull', () => {
  test('takes exactly what was asked for, in the order of the queue, and no more while jobs run', async () => {
    await queue(10);
    puller.ask(3);
    expect(puller.wanted).toBe(3);
    await waitFor(() => pulled.length === 3, { what: 'three jobs' });
    expect(puller.wanted).toBe(0);
    expect(names()).toEqual(['job-0', 'job-1', 'job-2']);
    expect(await pending()).toEqual({ unacked: 3, queued: 7 });
    expect(pulled).toHaveLength(3);
  });

  test('that is open takes jobs as they come, and what may still come plus what came is never more than asked', async () => {
    puller.ask(4);
    await queue(2);
    await waitFor(() => pulled.length === 2, { what: 'two jobs' });
    expect(puller.wanted).toBe(2);
    puller.ask(1);
    await queue(5, 'more');
    await waitFor(() => pulled.length === 5, { what: 'the rest' });
    expect(puller.wanted).toBe(0);
    expect(await pending()).toEqual({ unacked: 5, queued: 2 });
  });

  test('of nothing or less asks for nothing', () => {
    puller.ask(0);
    puller.ask(-4);
    expect(puller.wanted).toBe(0);
  });

  test('counts deliveries from 1 and names the place in the stream', async () => {
    await queue(1);
    puller.ask(1);
    await waitFor(() => pulled.length === 1, { what: 'the job' });
    expect(pulled[0]).toMatchObject({ delivery: 1, subject: jobSubject(route) });
    expect(pulled[0]?.streamSeq).toBeGreaterThan(0);
    pulled[0]?.handBack(0);
    puller.ask(1);
    await waitFor(() => pulled.length === 2, { what: 'the job again' });
    expect(pulled[1]).toMatchObject({ delivery: 2, streamSeq: pulled[0]?.streamSeq });
  });

  test('that expires unfilled leaves room again', async () => {
    puller.ask(2);
    await queue(1);
    await waitFor(() => puller.wanted === 0, { what: 'the pull to expire', timeoutMs: 14_000 });
    expect(rooms).toBeGreaterThan(0);
    expect(pulled).toHaveLength(1);
  });
});

describe('a try', () => {
  let empty = 0;
  beforeEach(() => {
    empty = 0;
    puller.close();
    puller = createJobPuller({
      bus,
      consumer,
      onJob: (job) => pulled.push(job),
      onRoom: () => (rooms += 1),
      onRefused: (reason) => refusals.push(reason),
      onEmpty: () => (empty += 1),
    });
  });

  test('takes one job that is there, and no more', async () => {
    await queue(3);
    puller.tryOne();
    expect(puller).toMatchObject({ wanted: 1, trying: 1 });
    await waitFor(() => pulled.length === 1, { what: 'the job' });
    expect(puller).toMatchObject({ wanted: 0, trying: 0 });
    expect(await pending()).toEqual({ unacked: 1, queued: 2 });
    expect(empty).toBe(0);
  });

  test('does not wait for one that is not, and leaves nothing open', async () => {
    puller.tryOne();
    await waitFor(() => empty === 1, { what: 'the answer' });
    expect(puller).toMatchObject({ wanted: 0, trying: 0 });
    expect(rooms).toBe(1);
    await queue(1);
    puller.tryOne();
    await waitFor(() => pulled.length === 1, { what: 'the job that came since' });
    expect(refusals).toEqual([]);
  });

  test('that is not answered ends by itself', async () => {
    await (await jetstreamManager(bus.nc)).consumers.delete(JOBS_STREAM, consumer);
    puller.tryOne();
    await waitFor(() => puller.wanted === 0, { what: 'room', timeoutMs: 5_000 });
    expect(rooms).toBe(1);
  });

  test('that is not answered is not counted on for long, so that its slot goes to another queue', async () => {
    await (await jetstreamManager(bus.nc)).consumers.delete(JOBS_STREAM, consumer);
    puller.tryOne();
    expect(puller.trying).toBe(1);
    await waitFor(() => puller.trying === 0, { what: 'the answer to be overdue' });
    expect(puller.wanted).toBe(1);
  });
});

describe('a job', () => {
  test('that is settled leaves the queue', async () => {
    await queue(2);
    puller.ask(2);
    await waitFor(() => pulled.length === 2, { what: 'two jobs' });
    for (const job of pulled) job.settle();
    await waitFor(async () => (await pending()).unacked === 0, { what: 'both to be settled' });
    expect(await pending()).toEqual({ unacked: 0, queued: 0 });
  });

  test('that was sent before the stop is handed over, so that it can be given back; one that comes later is for another worker at once', async () => {
    await queue(1, 'early');
    puller.ask(3);
    await waitFor(() => pulled.length === 1, { what: 'the early job' });
    await puller.stop();
    pulled[0]?.handBack(0);
    await queue(1, 'late');
    puller.ask(5);
    expect(puller.wanted).toBe(0);
    const second = open();
    second.ask(2);
    await waitFor(() => pulled.length === 3, { what: 'another worker to have both' });
    expect(
      pulled
        .slice(1)
        .map(({ delivery }) => delivery)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2]);
    second.close();
  });
});

describe('a pull that fails', () => {
  test('because the server refuses it leaves room after a pause, and tells why', async () => {
    puller.ask(3);
    await bus.nc.flush();
    await (await jetstreamManager(bus.nc)).consumers.delete(JOBS_STREAM, consumer);
    await waitFor(() => refusals.length > 0, { what: 'the refusal' });
    expect(refusals[0]).toMatch(/^409 /);
    await waitFor(() => puller.wanted === 0, { what: 'room' });
    expect(rooms).toBe(1);
  });

  test('because nobody answers it leaves room a little after its expiry', async () => {
    await (await jetstreamManager(bus.nc)).consumers.delete(JOBS_STREAM, consumer);
    puller.ask(3);
    await waitFor(() => puller.wanted === 0, { what: 'room', timeoutMs: 16_000 });
    expect(rooms).toBe(1);
  });
});

describe('a restart of the server', () => {
  test('voids what was asked for, leaves room, and the jobs are there', async () => {
    await queue(3);
    puller.ask(1);
    await waitFor(() => pulled.length === 1, { what: 'a job' });
    puller.ask(7);
    await waitFor(() => pulled.length === 3, { what: 'the others' });
    expect(puller.wanted).toBe(5);
    await nats.kill();
    await nats.start();
    await waitFor(() => rooms > 0 && puller.wanted === 0, { what: 'the open pull to be void' });
    await waitFor(() => bus.connected, { what: 'the connection' });
    puller.ask(5);
    await queue(2, 'later');
    await waitFor(() => names().includes('later-1'), { what: 'new jobs' });
  });

  test('does not lose what was settled while it was away', async () => {
    await queue(2);
    puller.ask(2);
    await waitFor(() => pulled.length === 2, { what: 'two jobs' });
    await nats.kill();
    await waitFor(() => !bus.connected, { what: 'the connection to be missed' });
    for (const job of pulled) job.settle();
    await nats.start();
    await waitFor(async () => (await pending()).unacked === 0, { what: 'both to be settled', timeoutMs: 15_000 });
    expect((await pending()).queued).toBe(0);
  });
});
