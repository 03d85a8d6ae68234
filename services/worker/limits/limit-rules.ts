import { isLimited, type Deployment, type QueueSettings } from '#config';

/** The limits of one deployment, shared by all workers. */
export interface LimitRules {
  readonly requests: number | undefined;
  readonly tokens: number | undefined;
  /** Calls at a time. */
  readonly parallel: number | undefined;
  /** `requests` and `tokens` are the most in any window of this length. */
  readonly windowMs: number;
}

/** Undefined for deployments without limits: they never come near the bucket. */
export function limitRules(deployment: Deployment, { limitWindowMs }: Pick<QueueSettings, 'limitWindowMs'>): LimitRules | undefined {
  if (!isLimited(deployment)) return undefined;
  const { rpm, tpm, maxParallelRequests } = deployment;
  return { requests: rpm, tokens: tpm, parallel: maxParallelRequests, windowMs: limitWindowMs };
}
