import { publishDurably, type PulledJob } from '#bus';
import { attemptId, decodeJobMeta, HANDBACK_SUBJECT } from '#contracts';
import type { WorkerResources } from '../resources.ts';

/**
 * Gives a job back that was delivered and not run. The next worker sees a second delivery and would book the first as
 * lost; the note under the attempt's id tells it that nothing happened.
 */
export async function handBack(pulled: PulledJob, resources: Pick<WorkerResources, 'bus' | 'log'>, delayMs = 0): Promise<void> {
  try {
    const meta = decodeJobMeta(pulled.header);
    const messageId = attemptId(meta.id, meta.attempt, pulled.delivery);
    await publishDurably(resources.bus, { subject: HANDBACK_SUBJECT, data: Buffer.from('{}'), messageId }, { giveUpAfterMs: 2_000 });
  } catch (error) {
    resources.log.warn({ err: error, streamSeq: pulled.streamSeq }, 'a job was given back without a note');
  }
  pulled.handBack(delayMs);
}
