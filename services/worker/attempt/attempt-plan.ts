import type { Deployment } from '#config';
import { type Candidate, GatewayError, type JobMeta } from '#contracts';
import { type Exchange, openExchange } from '#dialects';
import { findProvider } from '#providers';
import type { UpstreamRequest } from '#upstream';
import type { WorkerResources } from '../resources.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** Everything an attempt needs, decided before the first byte leaves. */
export interface AttemptPlan {
  readonly deployment: Deployment;
  readonly target: UpstreamTarget;
  readonly exchange: Exchange;
  readonly request: UpstreamRequest;
}

/** Milliseconds a provider may pause between two pieces of an answer, unless `stream_timeout` says otherwise. */
const STALL_TIMEOUT_MS = 300_000;
/** The request's deadline is enforced by the worker (`deadline-sweep.ts`); values that differ per call would cost a timer each. */
const NO_LIMIT = 0;

/** Throws `GatewayError` when the deployment can't serve this request. */
export function planAttempt(meta: JobMeta, candidate: Candidate, body: Uint8Array, resources: WorkerResources): AttemptPlan {
  const deployment = findDeployment(candidate, resources);
  const target = resources.targetOf(deployment);
  const provider = findProvider(deployment.provider);
  const exchange = openExchange({
    clientDialect: meta.dialect,
    providerDialect: target.dialect,
    stream: meta.stream,
    body,
    upstreamModel: deployment.upstreamModel,
    defaultParams: deployment.defaultParams,
    dropParams: deployment.dropParams || resources.config.litellm.dropParams,
    quirks: provider?.quirks ?? {},
    clientHeaders: meta.headers ?? {},
    createdAt: Math.floor(meta.acceptedAt / 1000),
    answerId: meta.id,
  });
  return { deployment, target, exchange, request: toUpstreamRequest(meta, deployment, target, exchange, resources) };
}

function findDeployment(candidate: Candidate, resources: WorkerResources): Deployment {
  const found = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  if (found) return found;
  throw new GatewayError('no_healthy_deployment', `The deployment chosen for ${candidate.modelGroup} is not configured at this worker.`, {
    retry: 'elsewhere',
  });
}

function toUpstreamRequest(
  meta: JobMeta,
  deployment: Deployment,
  target: UpstreamTarget,
  exchange: Exchange,
  resources: WorkerResources,
): UpstreamRequest {
  const streamTimeoutMs = deployment.streamTimeoutMs ?? resources.config.router.streamTimeoutMs;
  const limitMs = (meta.stream ? streamTimeoutMs : undefined) ?? deployment.timeoutMs;
  return {
    origin: target.origin,
    path: target.pathFor(exchange.path),
    headers: { ...exchange.headers, ...target.headers },
    body: exchange.body,
    headTimeoutMs: limitMs ?? NO_LIMIT,
    stallTimeoutMs: streamTimeoutMs ?? STALL_TIMEOUT_MS,
  };
}
