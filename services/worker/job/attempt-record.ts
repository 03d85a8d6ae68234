import { decisionAt, pricedDeployment, ROUTE_OF_DIALECT } from '#attempts';
import { type AttemptEvent, type Candidate, type JobMeta, type JobVerdict, NO_COST, NO_USAGE } from '#contracts';
import { type PricedAttempt, promptCacheSaving } from '#pricing';
import { estimateUsage } from '#tokens';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { AttemptPlan } from '../attempt/attempt-plan.ts';
import type { WorkerResources } from '../resources.ts';

/** The outcome with its usage counted and priced. */
export interface MeteredOutcome {
  readonly outcome: AttemptOutcome;
  readonly usage: AttemptEvent['usage'];
  readonly priced: PricedAttempt;
  readonly promptCacheSavedUsd?: string | undefined;
}

/** Usage as the provider stated it, else an estimate where it did work, else none. */
export async function meterOutcome(
  outcome: AttemptOutcome,
  plan: AttemptPlan,
  body: Uint8Array,
  resources: Pick<WorkerResources, 'pricer'>,
): Promise<MeteredOutcome> {
  const usage = outcome.usage ?? (await estimateUnstated(outcome, plan, body));
  if (plan.exchange.isFree === true) return { outcome, usage, priced: { cost: NO_COST, source: 'catalogue' } };
  const input = {
    deployment: pricedDeployment(plan.deployment),
    usage,
    at: new Date(outcome.startedAt),
    answered: outcome.status === 'success',
  };
  const priced = resources.pricer.price(input);
  return { outcome, usage, priced, promptCacheSavedUsd: promptCacheSaving(input, priced, resources.pricer) };
}

async function estimateUnstated(outcome: AttemptOutcome, { exchange }: AttemptPlan, body: Uint8Array): Promise<AttemptEvent['usage']> {
  if (outcome.unstatedText === undefined) return NO_USAGE;
  if (exchange.estimateUsage !== undefined) return exchange.estimateUsage();
  return estimateUsage({ body, producedText: outcome.unstatedText });
}

export interface RecordInput {
  readonly meta: JobMeta;
  readonly candidate: Candidate;
  readonly delivery: number;
  readonly verdict: JobVerdict;
  readonly plan: AttemptPlan | undefined;
  readonly metered: MeteredOutcome;
  readonly workerId: string;
}

/** The ledger's row for an attempt. */
export function attemptRecord(input: RecordInput): AttemptEvent {
  const { meta, candidate, metered, plan } = input;
  const { outcome } = metered;
  return {
    v: 1,
    job: meta.id,
    attempt: meta.attempt,
    delivery: input.delivery,
    verdict: input.verdict,
    status: outcome.status,
    by: meta.by,
    lane: meta.lane,
    tier: candidate.tier,
    stream: meta.stream,
    route: ROUTE_OF_DIALECT[meta.dialect],
    requestedModel: meta.model,
    modelGroup: candidate.modelGroup,
    deploymentId: candidate.deploymentId,
    provider: candidate.provider,
    model: plan?.deployment.upstreamModel ?? '',
    apiBase: plan?.target.publicBase,
    providerRequestId: outcome.upstreamHeaders['x-request-id'] ?? outcome.upstreamHeaders['request-id'],
    usage: metered.usage,
    cost: metered.priced.cost,
    priceSource: metered.priced.source,
    promptCacheSavedUsd: metered.promptCacheSavedUsd,
    acceptedAt: meta.acceptedAt,
    decision: decisionAt(meta, candidate),
    startedAt: outcome.startedAt,
    firstTokenAt: outcome.firstTokenAt,
    endedAt: outcome.endedAt,
    upstreamStatus: outcome.upstreamStatus,
    finishReason: outcome.finishReason,
    errorCode: outcome.error?.code,
    errorMessage: outcome.error?.message,
    worker: input.workerId,
    guardrails: plan?.guard?.results() ?? meta.guard?.results,
  };
}
