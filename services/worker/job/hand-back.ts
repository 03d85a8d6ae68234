import { publishDurably, type PulledJob } from '#bus';
import { attemptId, decodeJobMeta, HANDBACK_SUBJECT, type JobMeta } from '#contracts';
import type { WorkerResources } from '../resources.ts';

/**
 * Gives a job back that was delivered and not run. The next worker sees a second delivery and would book the first as
 * lost; the note under the attempt's id tells it that nothing happened.
 */
export async function handBack(pulled: PulledJob, resources: Pick<WorkerResources, 'bus' | 'log'>, delayMs = 0): Promise<void> {
  try {
    const meta = decodeJobMeta(pulled.header);
    await noteUnrun(meta, pulled, resources);
  } catch (error) {
    resources.log.warn({ err: error, streamSeq: pulled.streamSeq }, 'a job was given back without a note');
  }
  pulled.handBack(delayMs);
}

/** The note alone, for a job that leaves this worker unrun in another way. Rejects when it can't be stored within 2 s. */
export async function noteUnrun(meta: JobMeta, { delivery }: PulledJob, { bus }: Pick<WorkerResources, 'bus'>): Promise<void> {
  const messageId = attemptId(meta.id, meta.attempt, delivery);
  await publishDurably(bus, { subject: HANDBACK_SUBJECT, data: Buffer.from('{}'), messageId }, { giveUpAfterMs: 2_000 });
}
