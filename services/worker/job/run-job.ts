import { publishOutcome } from '#attempts';
import { departureOf, type PulledJob } from '#bus';
import { asGatewayError, FRAME, GatewayError } from '#contracts';
import { type AttemptPlan, planAttempt } from '../attempt/attempt-plan.ts';
import { resultHead } from '../attempt/result-headers.ts';
import { runAttempt } from '../attempt/run-attempt.ts';
import type { WorkerResources } from '../resources.ts';
import { attemptRecord, type MeteredOutcome, meterOutcome } from './attempt-record.ts';
import { loadBody } from './load-body.ts';
import { type Move, moveJob, nextMove, pauseUnlessCancelled } from './move-job.ts';
import { wasSettledBefore } from './redelivery.ts';
import type { RunningJob } from './running-job.ts';
import { sendFinal } from './send-final.ts';
import { unplannedOutcome } from './unplanned-outcome.ts';

/**
 * One delivery of a job, from start to settlement. Whatever happens, the order is: outcome sent to the stream, client told,
 * outcome known to be stored, message settled. A crash between two of them repeats the later ones and never the call to
 * the provider: the server has the outcome before the client has its answer.
 */
export async function runJob(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<void> {
  const { meta } = job;
  if (await wasSettledBefore(job, pulled, resources)) return pulled.settle();
  resources.metrics.queueSeconds.observe({ lane: meta.lane }, queuedMs(job, resources) / 1000);
  const body = await attempt(() => loadBody(meta, pulled.data, resources));
  const plan = body.ok ? await attempt(() => planFor(job, body.value, resources)) : body;
  if (plan.ok) await announceStart(job, pulled, resources);
  const metered = plan.ok && body.ok ? await execute(job, plan.value, body.value, resources) : unplannedOutcome(plan, resources);
  await conclude(job, pulled, metered, plan.ok ? plan.value : undefined, resources);
}

/**
 * Tells the ingress who runs the attempt. It has left before the provider is called: an attempt whose start nobody heard of has
 * cost nothing, and one that was heard of is booked whenever its worker dies.
 */
async function announceStart(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<void> {
  const { cursor, plan } = job.meta;
  const deploymentId = plan[cursor]?.deploymentId ?? '';
  const started = { worker: resources.workerId, deploymentId, queueMs: queuedMs(job, resources), cursor, streamSeq: pulled.streamSeq };
  job.sender.send({ kind: FRAME.started, meta: started });
  await departureOf(resources.bus);
}

function queuedMs({ meta }: RunningJob, { now }: WorkerResources): number {
  return Math.max(0, now() - meta.acceptedAt);
}

/** Throws when nobody can be given an answer any more: the provider would be paid for nothing. */
function planFor(job: RunningJob, body: Uint8Array, resources: WorkerResources): AttemptPlan | Promise<AttemptPlan> {
  const { meta } = job;
  const candidate = meta.plan[meta.cursor];
  if (!candidate) throw new Error(`job ${meta.id} points past the end of its plan`);
  if (job.cancelled) throw job.cancelled;
  if (resources.now() >= meta.deadlineAt) throw new GatewayError('queue_timeout', 'The request waited in the queue until its deadline.');
  return planAttempt(meta, candidate, body, resources);
}

async function execute(job: RunningJob, plan: AttemptPlan, body: Uint8Array, resources: WorkerResources): Promise<MeteredOutcome> {
  const { meta } = job;
  const startedAt = resources.now();
  const queueMs = Math.max(0, startedAt - meta.acceptedAt);
  const outcome = await runAttempt(
    {
      meta,
      plan,
      sender: job.sender,
      buildHead: (status, headers) =>
        resultHead(status, { meta, plan, queueMs, upstreamMs: resources.now() - startedAt, cost: undefined }, headers),
      onCall: (call) => job.attach(call),
      cancelled: () => job.cancelled,
    },
    resources,
  );
  const { provider } = plan.deployment;
  resources.metrics.attempts.inc({ provider, status: outcome.status, code: outcome.error?.code ?? '' });
  resources.metrics.upstreamSeconds.observe({ provider }, (outcome.endedAt - outcome.startedAt) / 1000);
  return meterOutcome(outcome, plan, body, resources);
}

async function conclude(
  job: RunningJob,
  pulled: PulledJob,
  metered: MeteredOutcome,
  plan: AttemptPlan | undefined,
  resources: WorkerResources,
): Promise<void> {
  const { meta, delivery } = job;
  const candidate = meta.plan[meta.cursor];
  if (!candidate) return pulled.settle();
  const move = nextMove(job, metered.outcome, resources);
  const verdict = move ? 'move' : 'done';
  const record = attemptRecord({ meta, candidate, delivery, verdict, plan, metered, workerId: resources.workerId });
  const stored = publishOutcome(record, resources);
  // on the same connection and behind the outcome: when the client is told, the server has the outcome
  if (!move) sendFinal(job, metered, plan);
  await stored;
  if (move) await goOn(job, pulled, move, { metered, plan }, resources);
  pulled.settle();
}

/** The next attempt, after its pause. A client that left meanwhile needs none. */
async function goOn(
  job: RunningJob,
  pulled: PulledJob,
  move: Move,
  failed: { readonly metered: MeteredOutcome; readonly plan: AttemptPlan | undefined },
  resources: WorkerResources,
): Promise<void> {
  await pauseUnlessCancelled(job, move.pauseMs);
  if (job.cancelled) sendFinal(job, failed.metered, failed.plan);
  else await moveJob(job, pulled, move, resources);
}

type Attempted<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: GatewayError };

async function attempt<T>(action: () => T | Promise<T>): Promise<Attempted<T>> {
  try {
    return { ok: true, value: await action() };
  } catch (error) {
    return { ok: false, error: asGatewayError(error) };
  }
}

export type { Attempted };
