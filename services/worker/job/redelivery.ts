import { bookLost, lostAttemptEvent } from '#attempts';
import { MAX_DELIVERIES, type PulledJob } from '#bus';
import { type AttemptEvent, GatewayError } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import { buryJob } from './bury-job.ts';
import { loadBody } from './load-body.ts';
import { republishMove } from './move-job.ts';
import { hasEnd } from '../run/open-run.ts';
import type { RunningJob } from './running-job.ts';

/**
 * A second delivery means that the worker before this one died, stalled for 30 s, or settled into a broken connection.
 * Its outcome may be stored all the same. Booking it as lost tells: the stream refuses the booking as a duplicate when
 * there is an outcome, and then the job is done, or only its move is left to repeat.
 *
 * True when nothing is left to do but to settle the message.
 */
export async function wasSettledBefore(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<boolean> {
  if (job.delivery === 1) return false;
  if (job.delivery > MAX_DELIVERIES) {
    await buryJob(job, pulled, resources, `delivered ${job.delivery - 1} times without an outcome`);
    return true;
  }
  const earlier = await bookLost(await lostRecord(job, pulled, resources), resources);
  if ((!earlier || earlier.status === 'lost') && job.meta.run !== undefined) return hasEnd(job, resources);
  if (!earlier || earlier.status === 'lost') return false;
  if (earlier.verdict === 'move') await republishMove(job, pulled, earlier, resources);
  // its answer was lost with its worker: who fetches it later needs another
  else if (job.meta.run !== undefined) return hasEnd(job, resources);
  return true;
}

/** The row for the delivery before this one: the provider took its input, nothing is known of its output. */
async function lostRecord(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<AttemptEvent> {
  const { meta } = job;
  const candidate = meta.plan[meta.cursor];
  if (!candidate) throw new GatewayError('internal_error', 'A job points past the end of its plan.');
  const deployment = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  const body = await loadBody(meta, pulled.data, resources).catch(() => undefined);
  const now = resources.now();
  const lost = { meta, candidate, delivery: job.delivery - 1, worker: '', startedAt: now, endedAt: now, deployment, body, outputTokens: 0 };
  return lostAttemptEvent(lost, resources.pricer);
}
