import { jetstreamManager } from '@nats-io/jetstream';
import { Registry } from 'prom-client';
import { afterAll, beforeAll } from 'vitest';
import { type Bus, ensureJobConsumer, ensureTopology, publishCore, subscribeCore } from '#bus';
import {
  decodeJobMeta,
  encodeFrame,
  FRAME,
  type FrameFields,
  frameSubject,
  JOB_HEADER,
  JOBS_STREAM,
  jobConsumer,
  type JobMeta,
  type WorkerControl,
  workerControlSubject,
} from '#contracts';
import { createPricer } from '#pricing';
import { startNats } from '#testing';
import type { ClientResponse } from '../../../services/ingress/chat/client-response.ts';
import type { PendingJob } from '../../../services/ingress/job/pending-job.ts';
import { createPendingJobs } from '../../../services/ingress/job/pending-jobs.ts';
import { submitJob } from '../../../services/ingress/job/submit-job.ts';
import { startWatchdog } from '../../../services/ingress/job/watchdog.ts';
import { createIngressMetrics } from '../../../services/ingress/metrics.ts';
import type { IngressResources } from '../../../services/ingress/resources.ts';
import { createBuses } from './bus.ts';

export interface Waiting {
  readonly job: PendingJob;
  readonly told: string[];
  /** The worker's side: a frame of the job. */
  frame(seq: number, fields: Partial<FrameFields>): void;
  /** Takes the job from the queue, as a worker does. */
  pull(): Promise<{ meta: JobMeta; body: string; settle: () => void }>;
}

export const started = (worker: string) => ({ kind: FRAME.started, meta: { worker, deploymentId: 'd1', queueMs: 1 } });

/** The part of an ingress that waits for jobs, over a real NATS; the tests are its workers. One for a file: its tests may run at the same time. */
export function useWaitingJobs() {
  const under = {} as { bus: Bus; resources: IngressResources };
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    const nats = await startNats();
    const buses = createBuses(nats.url);
    const bus = await buses.open();
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
    const resources = {
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
    Object.assign(under, { bus, resources });
    const stopWatchdog = startWatchdog(resources);
    stop = async () => {
      stopWatchdog();
      await buses.close();
      await nats.remove();
    };
  });

  afterAll(() => stop?.());

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
      inbox: under.resources.pending.inbox,
      acceptedAt: Date.now(),
      deadlineAt: Date.now() + 60_000,
      by: { keyHash: 'k' },
      ...change,
    };
    await ensureJobConsumer(under.bus, route);
    const job = under.resources.pending.open(meta, response, { onOver: () => undefined });
    await submitJob(job, Buffer.from('{"the":"body"}'), under.resources);
    return {
      job,
      told,
      frame: (seq, fields) =>
        publishCore(
          under.bus,
          frameSubject(under.resources.pending.inbox, id),
          encodeFrame({ kind: FRAME.data, seq, attempt: 1, delivery: 1, ...fields }),
        ),
      async pull() {
        const consumer = await under.bus.js.consumers.get(JOBS_STREAM, jobConsumer(route));
        const message = await consumer.next({ expires: 10_000 });
        if (!message) throw new Error('nothing in the queue');
        return { meta: decodeJobMeta(message.headers?.get(JOB_HEADER)), body: message.string(), settle: () => message.ack() };
      },
    };
  }

  const isStored = async (seq: number | undefined) =>
    (await (await jetstreamManager(under.bus.nc)).streams.getMessage(JOBS_STREAM, { seq: seq ?? 0 })) !== null;

  /** What a worker of this name is told until `stop`. */
  const hear = (worker: string) => {
    const controls: WorkerControl[] = [];
    const stopHearing = subscribeCore(under.bus, workerControlSubject(worker), (message) =>
      controls.push(JSON.parse(Buffer.from(message.data).toString())),
    );
    return { controls, stop: stopHearing };
  };

  return { under, submit, isStored, hear };
}
