import { publishOutcome } from '#attempts';
import { countGuardrails } from '#guardrails';
import { departureOf, type PulledJob } from '#bus';
import { asGatewayError, attemptId, FRAME, GatewayError } from '#contracts';
import { type AttemptPlan, planAttempt } from '../attempt/attempt-plan.ts';
import { resultHead } from '../attempt/result-headers.ts';
import { runAttempt } from '../attempt/run-attempt.ts';
import { openJudge } from '../escalation/judge-stream.ts';
import { rejectAnswer } from '../escalation/reject-answer.ts';
import { handOver } from '../attempt/stream-recovery/hand-over.ts';
import { loadSent } from '../attempt/stream-recovery/store-sent.ts';
import { reportCall } from '../limits/report-call.ts';
import type { WorkerResources } from '../resources.ts';
import { forgetBodies } from '../run/open-run.ts';
import { meteredCall, roughInputTokens } from '../status/metered-call.ts';
import { attemptRecord, type MeteredOutcome, meterOutcome } from './attempt-record.ts';
import { loadBody } from './load-body.ts';
import { type Move, moveJob, nextMove, pauseUnlessCancelled } from './move-job.ts';
import { leaveUnrun, passCooldown } from './pass-cooldown.ts';
import { wasSettledBefore } from './redelivery.ts';
import { reportCheck, reportHealth } from './report-health.ts';
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
  if (await wasSettledBefore(job, pulled, resources)) {
    await job.sender.stored?.();
    return pulled.settle();
  }
  resources.metrics.queueSeconds.observe({ lane: meta.lane }, queuedMs(job, resources) / 1000);
  const detour = await attempt(() => passCooldown(job, resources));
  if (detour.ok && detour.value) return leaveUnrun(job, pulled, detour.value, resources);
  const body = detour.ok ? await attempt(() => loadBody(meta, pulled.data, resources, (asked) => job.prompt?.asked(asked))) : detour;
  const plan = body.ok ? await attempt(() => planFor(job, body.value, resources)) : body;
  if (plan.ok) await announceStart(job, pulled, resources);
  const metered = plan.ok && body.ok ? await execute(job, plan.value, body.value, resources) : unplannedOutcome(plan, resources);
  if (!plan.ok) resources.health.leftOpen(meta.plan[meta.cursor]?.deploymentId ?? '');
  await conclude(job, pulled, metered, plan.ok ? plan.value : undefined, resources);
}

/**
 * Tells the ingress who runs the attempt. It has left before the provider is called: an attempt whose start nobody heard of has
 * cost nothing, and one that was heard of is booked whenever its worker dies.
 */
async function announceStart(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<void> {
  const { cursor, plan, failures } = job.meta;
  const deploymentId = plan[cursor]?.deploymentId ?? '';
  const started = {
    worker: resources.workerId,
    deploymentId,
    queueMs: queuedMs(job, resources),
    cursor,
    streamSeq: pulled.streamSeq,
    failures,
  };
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
  if (meta.sentRef === undefined) return planAttempt(meta, candidate, body, resources);
  return loadSent(meta, resources).then((sent) => planAttempt(meta, candidate, body, resources, sent));
}

async function execute(job: RunningJob, plan: AttemptPlan, body: Uint8Array, resources: WorkerResources): Promise<MeteredOutcome> {
  const { meta } = job;
  const startedAt = resources.now();
  const queueMs = Math.max(0, startedAt - meta.acceptedAt);
  resources.permits.started(attemptId(meta.id, meta.attempt, job.delivery));
  const callEnded = resources.meter.started(plan.deployment.id, roughInputTokens(body));
  const outcome = await runAttempt(
    {
      meta,
      plan,
      body,
      sender: job.sender,
      buildHead: (status, headers) =>
        resultHead(status, { meta, plan, queueMs, upstreamMs: resources.now() - startedAt, priced: undefined }, headers),
      judge: openJudge(job, body, resources),
      onCall: (call) => job.attach(call),
      cancelled: () => job.cancelled,
    },
    resources,
  );
  const { provider } = plan.deployment;
  reportHealth(plan.deployment.id, outcome, plan.exchange.local === undefined, resources.health);
  reportCheck(meta, plan.deployment.id, outcome, resources);
  resources.metrics.attempts.inc({ provider, status: outcome.status, code: outcome.error?.code ?? '' });
  resources.metrics.upstreamSeconds.observe({ provider }, (outcome.endedAt - outcome.startedAt) / 1000);
  if (outcome.status === 'cancelled') await resources.afterCancels();
  const metered = await meterOutcome(outcome, plan, plan.sent === undefined ? body : plan.exchange.body, resources);
  callEnded(meteredCall(metered, meta));
  reportCall(job, metered, resources);
  if (plan.guard !== undefined) countGuardrails(plan.guard.ownResults(), resources.metrics);
  if (isUnpriced(metered)) resources.metrics.unpriced.inc({ provider, model_group: plan.deployment.modelGroup });
  return rejectAnswer(job, metered, body, resources);
}

/** Work was done, and nobody knows what it cost. */
function isUnpriced({ outcome, usage, priced }: MeteredOutcome): boolean {
  return priced.cost === undefined && (outcome.status === 'success' || usage.inputTokens + usage.outputTokens > 0);
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
  const next = nextMove(job, metered.outcome, resources);
  const move = next instanceof GatewayError ? undefined : next;
  const verdict = move ? 'move' : 'done';
  const record = attemptRecord({ meta, candidate, delivery, verdict, plan, metered, workerId: resources.workerId });
  const stored = publishOutcome(record, resources);
  // on the same connection and behind the outcome: when the client is told, the server has the outcome
  if (!move) sendFinal(job, endedBy(next, metered), plan, resources.config);
  await stored;
  if (meta.run !== undefined) await job.sender.stored?.();
  if (move) await goOn(job, pulled, move, { metered, plan }, resources);
  if (meta.run !== undefined) await settleRun(job, move, resources);
  pulled.settle();
}

/** Its end is stored before the message is settled, also one that came in the place of the next attempt. */
async function settleRun(job: RunningJob, move: Move | undefined, resources: WorkerResources): Promise<void> {
  await job.sender.stored?.();
  if (move === undefined) forgetBodies(job.meta, resources);
}

/** The client is told why the job ends, the ledger how the attempt did. */
function endedBy(reason: Move | GatewayError | undefined, metered: MeteredOutcome): MeteredOutcome {
  return reason instanceof GatewayError ? { ...metered, outcome: { ...metered.outcome, error: reason } } : metered;
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
  const end = (): void => sendFinal(job, failed.metered, failed.plan, resources.config);
  // a stored job is ended by its next attempt, which nobody calls a provider for: its last outcome is to say so
  if (job.cancelled && job.meta.run === undefined) return end();
  const handedOver = await attempt(() => handOver(job.meta, failed.metered, resources));
  if (!handedOver.ok) return end();
  await moveJob(job, pulled, move, resources, handedOver.value);
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
