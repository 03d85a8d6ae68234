import type { Deployment, RouterSettings } from '#config';
import { type ErrorCode, fromPolicy, type GatewayError, type RetryScope } from '#contracts';

export interface RetryRules {
  readonly router: Pick<RouterSettings, 'numRetries' | 'retryPolicy' | 'modelGroupRetryPolicy'>;
  /** The client's own `num_retries`. */
  readonly requested: number | undefined;
  readonly modelGroup: string;
  readonly deployment: Pick<Deployment, 'numRetries'> | undefined;
}

/**
 * Further attempts that a group gets after a failure: what the client asked for, else the policy of the group, the general policy, the
 * deployment's `num_retries`, the router's. LiteLLM lets policies win over the client's number; a client that says 0 means it.
 */
export function retriesAllowed(code: ErrorCode, rules: RetryRules): number {
  const { router, requested, deployment } = rules;
  return requested ?? policyFor(code, rules) ?? deployment?.numRetries ?? router.numRetries;
}

/**
 * What another attempt may be: the error's own word. A refusal by the provider of the request itself is tried elsewhere only where a
 * policy counts retries for it by name.
 */
export function retryScopeOf(error: Pick<GatewayError, 'code' | 'retry'>, rules: RetryRules): RetryScope {
  if (error.code !== 'upstream_bad_request' || error.retry !== 'never') return error.retry;
  return (policyFor(error.code, rules) ?? 0) > 0 ? 'elsewhere' : 'never';
}

function policyFor(code: ErrorCode, { router, modelGroup }: RetryRules): number | undefined {
  const byGroup = router.modelGroupRetryPolicy;
  const own = byGroup !== undefined && Object.hasOwn(byGroup, modelGroup) ? byGroup[modelGroup] : undefined;
  return fromPolicy(own, code) ?? fromPolicy(router.retryPolicy, code);
}
