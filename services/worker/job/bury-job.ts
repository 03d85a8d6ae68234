import { publishDurably, type PulledJob } from '#bus';
import { deadJobSubject, FRAME, GatewayError, JOB_HEADER, toErrorRecord } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import type { RunningJob } from './running-job.ts';

/**
 * A job that can't be worked off leaves the queue for the dead letters, with the reason: never lost, never blocking. A
 * client that waits for it is told at once.
 */
export async function buryJob(job: RunningJob, pulled: PulledJob, resources: WorkerResources, reason: string): Promise<void> {
  const { meta } = job;
  const candidate = meta.plan[meta.cursor];
  resources.log.error({ jobId: meta.id, reason }, 'job moved to the dead letters');
  await publishDurably(
    resources.bus,
    {
      subject: deadJobSubject({ lane: meta.lane, tier: candidate?.tier ?? '', provider: candidate?.provider ?? '' }),
      data: pulled.data,
      messageId: `dead.${meta.id}.${meta.attempt}`,
      headers: { [JOB_HEADER]: pulled.header ?? '', 'Headrace-Error': reason },
    },
    { giveUpAfterMs: 30_000 },
  );
  if (job.sender.finished) return;
  const error = new GatewayError('internal_error', 'The gateway failed to handle this request.');
  job.sender.send({ kind: FRAME.final, meta: { error: toErrorRecord(error) } });
}
