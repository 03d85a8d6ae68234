import type { Deployment } from '#config';
import { type AttemptEvent, type Candidate, type JobMeta, NO_USAGE, type TokenUsage } from '#contracts';
import type { PricedAttempt, PricedDeployment, Pricer } from '#pricing';
import { catalogueName, findProvider } from '#providers';
import { estimateUsage } from '#tokens';
import { decisionAt } from './decision-at.ts';
import { ROUTE_OF_DIALECT } from './routes.ts';

export interface LostAttempt {
  readonly meta: JobMeta;
  readonly candidate: Candidate;
  readonly delivery: number;
  readonly worker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly deployment: Deployment | undefined;
  /** The client's body; undefined when it is no longer to be had, then nothing is estimated. */
  readonly body: Uint8Array | undefined;
  /** Output tokens known to have been produced. */
  readonly outputTokens: number;
}

/**
 * The ledger's row for an attempt whose worker died: the provider took the input and may have produced more than was seen.
 * An estimate of what is known, marked so; the worker's own record replaces it if the worker was only slow.
 */
export async function lostAttemptEvent(lost: LostAttempt, pricer: Pricer): Promise<AttemptEvent> {
  const { meta, candidate } = lost;
  const usage = await usageOf(lost);
  const priced = priceOf(lost, usage, pricer);
  return {
    v: 1,
    job: meta.id,
    attempt: meta.attempt,
    delivery: lost.delivery,
    verdict: 'lost',
    status: 'lost',
    by: meta.by,
    lane: meta.lane,
    tier: candidate.tier,
    stream: meta.stream,
    route: ROUTE_OF_DIALECT[meta.dialect],
    requestedModel: meta.model,
    modelGroup: candidate.modelGroup,
    deploymentId: candidate.deploymentId,
    provider: candidate.provider,
    model: lost.deployment?.upstreamModel ?? '',
    usage,
    cost: priced.cost,
    priceSource: priced.source,
    acceptedAt: meta.acceptedAt,
    decision: decisionAt(meta, candidate),
    startedAt: lost.startedAt,
    endedAt: lost.endedAt,
    errorCode: 'worker_lost',
    errorMessage: 'The worker that ran this attempt died.',
    worker: lost.worker,
  };
}

async function usageOf(lost: LostAttempt): Promise<TokenUsage> {
  if (!lost.body) return { ...NO_USAGE, estimated: true };
  const usage = await estimateUsage({ body: lost.body, producedText: '' });
  return { ...usage, outputTokens: lost.outputTokens };
}

function priceOf(lost: LostAttempt, usage: TokenUsage, pricer: Pricer): PricedAttempt {
  if (!lost.deployment) return { cost: undefined, source: 'unknown' };
  return pricer.price({ deployment: pricedDeployment(lost.deployment), usage, at: new Date(lost.startedAt) });
}

/** What the pricer needs to know of a deployment. */
export function pricedDeployment(deployment: Deployment): PricedDeployment {
  const known = pricedDeployments.get(deployment);
  if (known !== undefined) return known;
  const made = readPricedDeployment(deployment);
  pricedDeployments.set(deployment, made);
  return made;
}

/** Deployments are replaced whole when the configuration changes. */
const pricedDeployments = new WeakMap<Deployment, PricedDeployment>();

function readPricedDeployment(deployment: Deployment): PricedDeployment {
  const record = findProvider(deployment.provider);
  return {
    prices: deployment.prices,
    ...catalogueName(deployment),
    provider: record?.id ?? deployment.provider,
    providerAliases: record?.aliases,
    baseModel: deployment.baseModel,
    tierMultipliers: record?.tierMultipliers,
    providerCost: deployment.providerCost,
  };
}
