import { GatewayError, type JobMeta } from '#contracts';
import { type AnswerFault, askedFormat, checkAnswer, readAnswer } from '#router';
import type { MeteredOutcome } from '../job/attempt-record.ts';
import { type Move, nextMove } from '../job/move-job.ts';
import type { RunningJob } from '../job/running-job.ts';
import type { WorkerResources } from '../resources.ts';

/**
 * An auto group's answer of the weak tier that fails a check: it counts as failed, and the strong tier is asked instead. The answer stands where nobody of
 * that tier can be asked. Costs nothing for jobs that have no such tier in their plan.
 */
export function rejectAnswer(job: RunningJob, metered: MeteredOutcome, body: Uint8Array, resources: WorkerResources): MeteredOutcome {
  const { outcome } = metered;
  if (!mayEscalate(job.meta) || outcome.status !== 'success' || outcome.relayed || outcome.body === undefined) return metered;
  if (job.meta.stream) return metered;
  const answer = readAnswer(job.meta.dialect, outcome.body);
  const fault = answer && checkAnswer(answer, askedFormat(fieldsOf(body)));
  if (fault === undefined) return metered;
  const rejected = { ...outcome, status: 'failure', error: rejection(fault), body: undefined } as const;
  if (!isMove(nextMove(job, rejected, resources))) return metered;
  resources.metrics.escalations.inc({ fault });
  return { ...metered, outcome: rejected };
}

/** Its plan has a group for answers that fail a check, and it is not there yet. */
export function mayEscalate({ decision, plan, cursor }: Pick<JobMeta, 'decision' | 'plan' | 'cursor'>): boolean {
  if (decision?.tier !== 'weak') return false;
  const group = plan[cursor]?.modelGroup;
  return plan.some((candidate) => candidate.for === 'escalation' && candidate.modelGroup !== group);
}

export function rejection(fault: AnswerFault): GatewayError {
  return new GatewayError('answer_rejected', `The weak model’s answer was not good enough (${fault}).`);
}

export function isMove(next: Move | GatewayError | undefined): next is Move {
  return next !== undefined && !(next instanceof GatewayError);
}

export function fieldsOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
