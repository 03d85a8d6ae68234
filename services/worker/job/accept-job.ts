import { publishCore, publishDurably, type PulledJob } from '#bus';
import { decodeJobMeta, frameSubject, InvalidMessage, JOB_HEADER, type JobMeta } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import type { JobRegistry } from './job-registry.ts';
import { buryJob } from './bury-job.ts';
import { handBack } from './hand-back.ts';
import { openRun } from '../run/open-run.ts';
import { runJob } from './run-job.ts';
import { createRunningJob } from './running-job.ts';

/** Restarts the server's ack wait of 30 s with two chances to spare. */
const WORKING_EVERY_MS = 10_000;

export interface AcceptOptions {
  readonly registry: JobRegistry;
  /** True once the worker is shutting down: what still arrives is for others. */
  readonly stopping: () => boolean;
}

/** A delivered message: a job to run, to give back, or to bury. Never rejects; resolves when its slot is free again. */
export async function acceptJob(pulled: PulledJob, options: AcceptOptions, resources: WorkerResources): Promise<void> {
  try {
    if (options.stopping()) return await handBack(pulled, resources);
    const meta = decodeJobMeta(pulled.header);
    const known = options.registry.get(meta.id, meta.attempt);
    // a later attempt runs here: the outcome of this one is stored, only its ack got lost
    if (known && known.meta.attempt > meta.attempt) return pulled.settle();
    // NATS before 2.10.16 can deliver a running job again, as new: the one that runs stays the only one
    if (known?.meta.attempt === meta.attempt) return known.sender.finished ? pulled.settle() : pulled.working();
    await runRegistered(meta, pulled, options.registry, resources);
  } catch (error) {
    if (error instanceof InvalidMessage) return await buryMessage(pulled, error, resources);
    // not even its failure could be settled: the server hands the job out again, at most five times
    resources.log.error({ err: error, subject: pulled.subject, streamSeq: pulled.streamSeq }, 'a job could not be settled');
    await handBack(pulled, resources, 1_000);
  }
}

async function runRegistered(meta: JobMeta, pulled: PulledJob, registry: JobRegistry, resources: WorkerResources): Promise<void> {
  const job =
    meta.run === undefined ? createRunningJob(meta, pulled.delivery, framePublisher(meta, resources)) : openRun(meta, pulled, resources);
  registry.add(job);
  if (meta.run !== undefined && resources.runs.isCancelled(meta)) job.control({ type: 'cancel', job: meta.id });
  const working = setInterval(() => pulled.working(), WORKING_EVERY_MS);
  try {
    await runJob(job, pulled, resources);
  } catch (error) {
    // a programmer's error fails the request, not the process, and running it again would fail again
    resources.log.error({ err: error, jobId: meta.id }, 'a job failed unexpectedly');
    await buryJob(job, pulled, resources, 'the worker failed unexpectedly');
    await job.sender.stored?.();
    pulled.settle();
  } finally {
    clearInterval(working);
    if (meta.inbox === undefined || !job.sender.finished) registry.forget(meta.id, meta.attempt);
  }
}

/** A function of its own: it lives as long as the job's frames, and must not keep the message alive with it. */
function framePublisher({ inbox, id }: JobMeta, { bus }: WorkerResources): (frame: Uint8Array) => void {
  if (inbox === undefined) return () => undefined;
  const subject = frameSubject(inbox, id);
  return (frame) => publishCore(bus, subject, frame);
}

async function buryMessage(pulled: PulledJob, error: InvalidMessage, resources: WorkerResources): Promise<void> {
  resources.log.error({ err: error, subject: pulled.subject }, 'an unreadable job moves to the dead letters');
  const stored = publishDurably(
    resources.bus,
    {
      subject: `dead.${pulled.subject}`,
      data: pulled.data,
      messageId: `dead.${pulled.streamSeq}`,
      headers: { [JOB_HEADER]: pulled.header ?? '', 'Headrace-Error': error.message },
    },
    { giveUpAfterMs: 30_000 },
  );
  await stored.then(
    () => pulled.settle(),
    // the server hands it out again after the ack wait
    (failure: unknown) => resources.log.error({ err: failure, subject: pulled.subject }, 'a dead letter could not be stored'),
  );
}
