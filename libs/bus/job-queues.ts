import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { JOBS_STREAM, type JobRoute, parseJobSubject } from '#contracts';
import type { Bus } from './connect.ts';

/** One queue of jobs as its server has it. */
export interface JobQueueState {
  readonly route: JobRoute;
  readonly consumer: string;
  /** Jobs that no worker has been given. */
  readonly waiting: number;
  /** Jobs that a worker has: run, or held there. */
  readonly running: number;
  /** Of those, the ones that were given out before. */
  readonly redelivered: number;
  /** Pulls that are open: 0 where no worker asks for jobs. */
  readonly pulls: number;
  /** When the first of the waiting jobs was stored (Unix ms, the server's clock). */
  readonly oldestAt: number | undefined;
}

const STREAM_NOT_FOUND = 10059;

/** All queues of jobs there are; none before the first worker. Rejects while NATS is away. */
export async function listJobQueues(bus: Bus): Promise<readonly JobQueueState[]> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const queues: Promise<JobQueueState>[] = [];
  try {
    for await (const { name, config, num_pending, num_ack_pending, num_redelivered, num_waiting, delivered } of manager.consumers.list(
      JOBS_STREAM,
    )) {
      const subject = config.filter_subject ?? '';
      const route = parseJobSubject(subject);
      if (route === undefined) continue;
      const oldest = num_pending === 0 ? Promise.resolve(undefined) : timeOfNext(manager, subject, delivered.stream_seq + 1);
      const counts = { waiting: num_pending, running: num_ack_pending, redelivered: num_redelivered, pulls: num_waiting };
      queues.push(oldest.then((oldestAt) => ({ route, consumer: name, ...counts, oldestAt })));
    }
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NOT_FOUND) throw error;
  }
  return Promise.all(queues);
}

/** Undefined when it was taken meanwhile. */
async function timeOfNext(manager: JetStreamManager, subject: string, seq: number): Promise<number | undefined> {
  try {
    const message = await manager.direct.getMessage(JOBS_STREAM, { seq, next_by_subj: subject });
    return message?.time.getTime();
  } catch {
    return undefined;
  }
}
