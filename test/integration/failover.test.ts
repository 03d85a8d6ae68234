import { Registry } from 'prom-client';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bus, ensureJobConsumer, ensureTopology, publishCore, requestCore, subscribeCore } from '#bus';
import {
  attemptId,
  decodeAttemptEvent,
  decodeJobMeta,
  encodeFrame,
  EVENTS_STREAM,
  FRAME,
  type FrameFields,
  frameSubject,
  GatewayError,
  heartbeatSubject,
  JOB_HEADER,
  JOBS_STREAM,
  jobConsumer,
  type JobMeta,
  type WorkerControl,
  workerControlSubject,
} from '#contracts';
import { createPricer } from '#pricing';
import { startNats, type TestNats, waitFor } from '#testing';
import type { ClientResponse } from '../../services/ingress/chat/client-response.ts';
import type { PendingJob } from '../../services/ingress/job/pending-job.ts';
import { createPendingJobs } from '../../services/ingress/job/pending-jobs.ts';
import { submitJob } from '../../services/ingress/job/submit-job.ts';
import { startWatchdog } from '../../services/ingress/job/watchdog.ts';
import { createIngressMetrics } from '../../services/ingress/metrics.ts';
import type { IngressResources } from '../../services/ingress/resources.ts';
import { type Buses, createBuses } from './support/bus.ts';

let nats: TestNats;
let buses: Buses;
let bus: Bus;
let resources: IngressResources;
let stopWatchdog: () => void;

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  bus = await buses.open();
  const link = await buses.open();
  await ensureTopology(bus);
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const metrics = createIngressMetrics(new Registry());
  const pending = createPendingJobs({
    ingressId: 'ingress-test',
    bus,
    link,
    metrics,
    board: { started() {}, ended() {} },
    fairShare: { waits() {}, waitsNoMore() {} },
    now: Date.now,
  });
  const models = { deployment: () => undefined };
  resources = {
    bus,
    link,
    log,
    metrics,
    pending,
    models,
    config: { queueing: {} },
    queues: { queued() {} },
    pricer: createPricer(),
    now: Date.now,
  } as unknown as IngressResources;
  stopWatchdog = startWatchdog(resources);
});

afterAll(async () => {
  stopWatchdog();
  await buses.close();
  await nats.remove();
});

interface Waiting {
  readonly job: PendingJob;
  readonly told: string[];
  /** The worker's side: a frame of the job. */
  frame(seq: number, fields: Partial<FrameFields>): void;
  /** Takes the job from the queue, as a worker does. */
  pull(): Promise<{ meta: JobMeta; body: string; settle: () => void }>;
}

let jobs = 0;

async function submit(change: Partial<JobMeta> = {}): Promise<Waiting> {
  const id = `job_${(jobs += 1)}`;
  const route = { lane: 'live', tier: 'standard', provider: `p${jobs}` } as const;
  const told: string[] = [];
  const response = {
    headSent: false,
    over: false,
    backedUp: false,
    status: 0,
    head: () => undefined,
    write: (bytes) => void told.push(Buffer.from(bytes).toString()),
    end: (_head, bytes) => void told.push(`end ${Buffer.from(bytes ?? []).toString()}`),
    fail: (error) => void told.push(`fail ${error.code}`),
  } satisfies ClientResponse;
  const candidate = { deploymentId: 'd1', provider: route.provider, tier: route.tier, modelGroup: 'g' };
  const meta: JobMeta = {
    v: 1,
    id,
    attempt: 1,
    cursor: 0,
    plan: [candidate, candidate],
    lane: route.lane,
    dialect: 'openai-chat',
    stream: true,
    model: 'g',
    inbox: resources.pending.inbox,
    acceptedAt: Date.now(),
    deadlineAt: Date.now() + 60_000,
    by: { keyHash: 'k' },
    ...change,
  };
  await ensureJobConsumer(bus, route);
  const job = resources.pending.open(meta, response, { onOver: () => undefined });
  await submitJob(job, Buffer.from('{"the":"body"}'), resources);
  return {
    job,
    told,
    frame: (seq, fields) =>
      publishCore(
        bus,
        frameSubject(resources.pending.inbox, id),
        encodeFrame({ kind: FRAME.data, seq, attempt: 1, delivery: 1, ...fields }),
      ),
    async pull() {
      const consumer = await bus.js.consumers.get(JOBS_STREAM, jobConsumer(route));
      const message = await consumer.next({ expires: 10_000 });
      if (!message) throw new Error('nothing in the queue');
      return { meta: decodeJobMeta(message.headers?.get(JOB_HEADER)), body: message.string(), settle: () => message.ack() };
    },
  };
}

const started = (worker: string) => ({ kind: FRAME.started, meta: { worker, deploymentId: 'd1', queueMs: 1 } });
const isStored = async (seq: number | undefined) =>
  (await (await jetstreamManager(bus.nc)).streams.getMessage(JOBS_STREAM, { seq: seq ?? 0 })) !== null;
const lostEvents = async () => {
  const manager = await jetstreamManager(bus.nc);
  const { state } = await manager.streams.info(EVENTS_STREAM);
  const all = Array.from({ length: state.messages }, (_, index) =>
    manager.streams.getMessage(EVENTS_STREAM, { seq: state.first_seq + index }),
  );
  return (await Promise.all(all))
    .flatMap((message) => (message ? [decodeAttemptEvent(message.data)] : []))
    .filter((event) => event.status === 'lost');
};

describe.concurrent('a worker that dies', () => {
  test('while it runs a job: the attempt is booked as lost, and the job goes on with its body, on the same candidate', async () => {
    const { job, frame, pull, told } = await submit();
    await pull();
    frame(0, started('w-dead'));
    await waitFor(() => job.current.worker === 'w-dead', { what: 'the start' });
    const next = await pull();
    expect(next).toMatchObject({ body: '{"the":"body"}', meta: { attempt: 2, cursor: 0, previousError: 'worker_lost' } });
    await waitFor(() => job.current.streamSeq !== undefined, { what: 'its place in the queue' });
    expect(job.current).toMatchObject({ attempt: 2, worker: undefined, failingOver: false });
    expect((await lostEvents()).filter((event) => event.job === job.meta.id)).toMatchObject([
      { attempt: 1, worker: 'w-dead', errorCode: 'worker_lost' },
    ]);
    frame(0, { ...started('w-2'), attempt: 2 });
    frame(1, { kind: FRAME.final, meta: {}, attempt: 2, body: Buffer.from('done') });
    await waitFor(() => told.includes('end done'), { what: 'the answer' });
  });

  test('after the client has text: an error, and nothing is run again', async () => {
    const { job, frame, pull, told } = await submit();
    await pull();
    frame(0, started('w-dead-2'));
    frame(1, { body: Buffer.from('half') });
    await waitFor(() => told.length === 2, { what: 'the end' });
    expect(told).toEqual(['half', 'fail worker_lost']);
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
  });

  test('with a job in its socket: the job is published again, and nothing is booked', async () => {
    const { job, pull } = await submit();
    await pull();
    expect(await pull()).toMatchObject({ body: '{"the":"body"}', meta: { attempt: 2 } });
    expect((await lostEvents()).filter((event) => event.job === job.meta.id)).toEqual([]);
  });

  test('after it settled a job and before its frames left: the client is told, and does not wait for its deadline', async () => {
    const { pull, told } = await submit();
    (await pull()).settle();
    await waitFor(() => told.length > 0, { what: 'the error' });
    expect(told).toEqual(['fail worker_lost']);
  });
});

describe.concurrent('a worker that lives', () => {
  test('and says so keeps its job, though it sends nothing', async () => {
    const [{ job, frame }, silent] = await Promise.all([submit(), submit()]);
    frame(0, started('w-alive'));
    silent.frame(0, started('w-silent'));
    await waitFor(() => job.current.worker === 'w-alive' && silent.job.current.worker === 'w-silent', { what: 'the starts' });
    const beat = Buffer.from(JSON.stringify({ worker: 'w-alive', attempts: [attemptId(job.meta.id, 1, 1)] }));
    const beatUntilTheOtherIsMissed = async () => {
      const answer = await requestCore(bus, heartbeatSubject(resources.pending.inbox), beat, { timeoutMs: 1_000 });
      expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [] });
      return silent.job.current.attempt === 2;
    };
    await waitFor(beatUntilTheOtherIsMissed, { what: 'the silent worker to be missed', intervalMs: 800 });
    expect(job.current).toMatchObject({ attempt: 1, worker: 'w-alive' });
  });

  test('and holds a job for want of a permit keeps it, until it has not said so for a while', async () => {
    const [held, lost] = await Promise.all([submit(), submit()]);
    await Promise.all([held.pull(), lost.pull()]);
    const beat = Buffer.from(JSON.stringify({ worker: 'w-holds', attempts: [], held: [attemptId(held.job.meta.id, 1, 1)] }));
    const beatUntilTheOtherIsMissed = async () => {
      const answer = await requestCore(bus, heartbeatSubject(resources.pending.inbox), beat, { timeoutMs: 1_000 });
      expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [] });
      return lost.job.current.attempt === 2;
    };
    await waitFor(beatUntilTheOtherIsMissed, { what: 'the lost delivery to be missed', intervalMs: 500 });
    expect(held.job.current).toMatchObject({ attempt: 1, worker: undefined, holder: { worker: 'w-holds' } });
    expect(await held.pull()).toMatchObject({ meta: { attempt: 2 } });
  });

  test('is told of a job it holds that its client has left, at once and with the next heartbeat', async () => {
    const { job, pull } = await submit();
    await pull();
    const controls: WorkerControl[] = [];
    const stop = subscribeCore(bus, workerControlSubject('w-holds-2'), (message) =>
      controls.push(JSON.parse(Buffer.from(message.data).toString())),
    );
    const token = attemptId(job.meta.id, 1, 1);
    const beat = Buffer.from(JSON.stringify({ worker: 'w-holds-2', attempts: [], held: [token] }));
    const tell = () => requestCore(bus, heartbeatSubject(resources.pending.inbox), beat, { timeoutMs: 1_000 });
    await tell();
    resources.pending.cancel(job, new GatewayError('client_gone', 'gone'));
    await waitFor(() => controls.length > 0, { what: 'the cancel' });
    expect(controls).toEqual([{ type: 'cancel', job: job.meta.id }]);
    const answer = await tell();
    expect(answer.kind === 'answer' && JSON.parse(Buffer.from(answer.data).toString())).toEqual({ over: [token] });
    stop();
  });

  test('is told which of its attempts are over', async () => {
    const { job, frame } = await submit();
    frame(0, { ...started('w-now'), attempt: 2 });
    await waitFor(() => job.current.attempt === 2, { what: 'the second attempt' });
    const attempts = [attemptId('job_unknown', 1, 1), attemptId(job.meta.id, 1, 1), attemptId(job.meta.id, 2, 1)];
    const ask = async (worker: string) => {
      const answer = await requestCore(bus, heartbeatSubject(resources.pending.inbox), Buffer.from(JSON.stringify({ worker, attempts })), {
        timeoutMs: 1_000,
      });
      return answer.kind === 'answer' ? JSON.parse(Buffer.from(answer.data).toString()).over : answer;
    };
    expect(await ask('w-now')).toEqual([attempts[0], attempts[1]]);
    expect(await ask('w-other')).toEqual(attempts);
  });

  test('and starts a job nobody waits for is told to stop', async () => {
    const controls: WorkerControl[] = [];
    const stop = subscribeCore(bus, workerControlSubject('w-stray'), (message) =>
      controls.push(JSON.parse(Buffer.from(message.data).toString())),
    );
    publishCore(
      bus,
      frameSubject(resources.pending.inbox, 'job_gone'),
      encodeFrame({ seq: 0, attempt: 1, delivery: 1, ...started('w-stray') }),
    );
    await waitFor(() => controls.length > 0, { what: 'the cancel' });
    expect(controls).toEqual([{ type: 'cancel', job: 'job_gone' }]);
    stop();
  });
});

describe.concurrent('a job in the queue', () => {
  test('whose deadline passes gets an error and leaves the queue', async () => {
    const { job, told } = await submit({ deadlineAt: Date.now() + 300 });
    await waitFor(() => told.length > 0, { what: 'the error' });
    expect(told).toEqual(['fail queue_timeout']);
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
  });

  test('whose client leaves is taken out of the queue', async () => {
    const { job } = await submit();
    expect(await isStored(job.current.streamSeq)).toBe(true);
    resources.pending.cancel(job, new GatewayError('client_gone', 'x'));
    await waitFor(async () => !(await isStored(job.current.streamSeq)), { what: 'the job to leave the queue' });
    expect(resources.pending.get(job.meta.id)).toBeUndefined();
  });

  test('that nobody has taken yet waits, however long nobody is there', async () => {
    const [{ job }, taken] = await Promise.all([submit(), submit()]);
    await taken.pull();
    await waitFor(() => taken.job.current.attempt === 2, { what: 'the job that was taken and never started to be published again' });
    expect(job.over).toBe(false);
    expect(job.current).toMatchObject({ attempt: 1, failingOver: false });
    expect(await isStored(job.current.streamSeq)).toBe(true);
  });
});

test('malformed frames and heartbeats don’t make the ingress deaf', async () => {
  const { frame, told } = await submit();
  for (const bytes of [new Uint8Array(0), new Uint8Array([FRAME.started]), Buffer.from('\u0001no frame at all, but long')]) {
    publishCore(bus, frameSubject(resources.pending.inbox, 'job_unknown'), bytes);
    publishCore(bus, heartbeatSubject(resources.pending.inbox), bytes);
  }
  publishCore(bus, heartbeatSubject(resources.pending.inbox), Buffer.from('{"worker":"w"}'));
  frame(0, started('w1'));
  frame(1, { kind: FRAME.final, meta: {}, body: Buffer.from('answer') });
  await waitFor(() => told.includes('end answer'), { what: 'the answer' });
});
