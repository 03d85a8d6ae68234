import { GatewayError, HEALTH_CHECK_KEY, type JobMeta } from '#contracts';
import type { HealthBoard } from '#routing';
import { isConnectFailure } from '#upstream';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { WorkerResources } from '../resources.ts';

/** What an attempt says of its deployment's health. One that called nobody, or that the client or its deadline ended, says nothing. */
export function reportHealth(deploymentId: string, outcome: AttemptOutcome, called: boolean, health: HealthBoard): void {
  const { error } = outcome;
  if (!called) return health.leftOpen(deploymentId);
  if (outcome.status === 'success') return health.succeeded(deploymentId);
  const isOurs = error === undefined || OURS.has(error.code) || (error.code === 'upstream_timeout' && error.retry === 'never');
  if (isOurs) return health.leftOpen(deploymentId);
  health.failed(deploymentId, isReached(error) ? new GatewayError('upstream_error', error.message) : error);
}

/** A connection that was accepted and cut is a failed call, no missing host: the only deployment of a group is not taken out for that. */
function isReached(error: GatewayError): boolean {
  return error.code === 'upstream_unreachable' && !isConnectFailure(error);
}

/** Ends that the provider has no part in. */
const OURS: ReadonlySet<string> = new Set(['client_gone', 'cancelled', 'worker_lost', 'internal_error', 'service_unavailable']);

/** The result of an active check, for whoever asks `/health`. */
export function reportCheck(meta: JobMeta, deploymentId: string, { error }: AttemptOutcome, resources: WorkerResources): void {
  if (meta.by.keyHash !== HEALTH_CHECK_KEY) return;
  const failure = error && { code: error.code, message: error.message };
  void resources.healthBucket
    .saveCheck({ v: 1, deploymentId, at: resources.now(), error: failure })
    .catch((err: unknown) => resources.log.warn({ err, deploymentId }, 'the result of a health check could not be stored'));
}
