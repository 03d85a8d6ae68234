import type { PulledJob } from '#bus';
import { nextCandidate } from '#routing';
import type { WorkerResources } from '../resources.ts';
import { noteUnrun } from './hand-back.ts';
import { moveJob, type Move, nobodyHealthy, pauseUnlessCancelled } from './move-job.ts';
import type { RunningJob } from './running-job.ts';

/** A probe may take longer than its claim holds; it is not looked after at every turn. */
const LEAST_WAIT_MS = 50;

/**
 * Whether a job may be run where it is. Its deployment may have gone into cooldown since it was planned: then it goes on to
 * another one of its plan at once, unrun. Where there is no other, it waits for the end of its provider's limit, up to its own deadline: one
 * job of all is the probe, and the others go when that has succeeded. From anything else nobody is left to expect an answer, and this
 * throws 503 `no_healthy_deployment`.
 */
export async function passCooldown(job: RunningJob, resources: WorkerResources): Promise<Move | undefined> {
  const { meta } = job;
  const { health, now } = resources;
  const deploymentId = meta.plan[meta.cursor]?.deploymentId ?? '';
  for (;;) {
    if (job.cancelled) return undefined;
    const admitted = health.admit(deploymentId);
    if (admitted === true || (admitted !== false && (await admitted))) return undefined;
    if (meta.hedges !== undefined) throw nobodyHealthy(meta, 0, undefined);
    const move = detourOf(job, resources);
    if (move) return move;
    const retryAt = health.retryAtMs(deploymentId);
    // back meanwhile
    if (retryAt === undefined) continue;
    const waitMs = Math.max(LEAST_WAIT_MS, retryAt - now());
    const mayWait = health.isWaitedFor?.(deploymentId, meta.deadlineAt) === true && now() < meta.deadlineAt;
    if (!mayWait) throw nobodyHealthy(meta, waitMs, undefined);
    job.waits = true;
    await pauseUnlessCancelled(job, Math.min(waitMs, meta.deadlineAt - now()), health.changed(deploymentId));
    job.waits = false;
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
