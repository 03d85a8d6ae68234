import type { PulledJob } from '#bus';
import { nextCandidate } from '#routing';
import type { WorkerResources } from '../resources.ts';
import { noteUnrun } from './hand-back.ts';
import { LONGEST_PAUSE_MS, moveJob, type Move, nobodyHealthy, pauseUnlessCancelled } from './move-job.ts';
import type { RunningJob } from './running-job.ts';

/**
 * Whether a job may be run where it is. Its deployment may have gone into cooldown since it was planned: then it goes on to
 * another one of its plan at once, unrun (`false`). Where there is no other, it waits for the end of a rate limit; from
 * anything else nobody is left to expect an answer, and this throws 503 `no_healthy_deployment`.
 */
export async function passCooldown(job: RunningJob, resources: WorkerResources): Promise<Move | undefined> {
  const { meta } = job;
  const { health, now } = resources;
  const deploymentId = meta.plan[meta.cursor]?.deploymentId ?? '';
  for (;;) {
    if (job.cancelled) return undefined;
    const admitted = health.admit(deploymentId);
    if (admitted === true || (admitted !== false && (await admitted))) return undefined;
    const move = detourOf(job, resources);
    if (move) return move;
    const waitMs = Math.max(1, (health.retryAtMs(deploymentId) ?? now()) - now());
    const mayWait = health.recordOf(deploymentId)?.code === 'upstream_rate_limited' && waitMs <= LONGEST_PAUSE_MS;
    if (!mayWait || now() + waitMs >= meta.deadlineAt) throw nobodyHealthy(meta, waitMs, undefined);
    await pauseUnlessCancelled(job, waitMs);
  }
}

/** Leaves the job to another candidate. The note tells whoever gets this message again that nothing was called. */
export async function leaveUnrun(job: RunningJob, pulled: PulledJob, move: Move, resources: WorkerResources): Promise<void> {
  resources.metrics.detours.inc({ provider: job.meta.plan[job.meta.cursor]?.provider ?? '' });
  await noteUnrun(job.meta, pulled, resources);
  await moveJob(job, pulled, move, resources);
  pulled.settle();
}

/** Nothing has failed here: the plan is gone through as after a passing fault, and the group's retries are not counted. */
function detourOf({ meta }: RunningJob, { health, now }: WorkerResources): Move | undefined {
  const failures = meta.failures ?? [];
  const next = nextCandidate({
    plan: meta.plan,
    failures: [...failures, { cursor: meta.cursor, code: 'upstream_overloaded' }],
    retry: 'anywhere',
    retries: Number.POSITIVE_INFINITY,
    isAvailable: (id) => health.isAvailable(id, now()),
  });
  if (next?.available !== true) return undefined;
  const reason = health.recordOf(meta.plan[meta.cursor]?.deploymentId ?? '')?.code ?? 'no_healthy_deployment';
  return { cursor: next.cursor, reason, pauseMs: 0, failures, unrun: true };
}
