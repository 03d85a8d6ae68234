import { type ErrorCode, type ErrorPolicy, errorKinds, fromPolicy } from '#contracts';
import type { FailureWindow } from './failure-window.ts';

export interface CooldownRule {
  readonly allowedFails: number | undefined;
  readonly allowedFailsPolicy: ErrorPolicy | undefined;
  /** Its group has another deployment, or a fallback: somebody else can take what it does not get. */
  readonly hasAlternative: boolean;
  /** It serves many models, any of which may be unknown to the provider. */
  readonly isWildcard: boolean;
}

/** Failures that tell of the request, not of the deployment: they count only where a policy names their kind. */
const OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set(['upstream_bad_request', 'context_length_exceeded', 'content_policy_violation']);
/** Those that the next request would meet too. */
const LASTING: ReadonlySet<ErrorCode> = new Set(['upstream_auth', 'upstream_quota', 'upstream_not_found']);

/** A deployment with successes in this minute: LiteLLM's 50 % of at least 5 calls. One without: as many failures. */
const LEAST_CALLS = 5;
const LEAST_FAILURES_WITHOUT_SUCCESS = 2;
const LEAST_FAILURES_IN_A_ROW = 5;
/** The only deployment of a group: LiteLLM's 1,000 failures of 1,000 calls. Or nobody has answered at its address so many times. */
const LEAST_FAILURES_OF_THE_ONLY_ONE = 1_000;
const LEAST_UNREACHABLE_OF_THE_ONLY_ONE = 5;

/** Whether a failure counts at all for the health of a deployment. */
export function countsAsFailure(code: ErrorCode, { allowedFailsPolicy }: Pick<CooldownRule, 'allowedFailsPolicy'>): boolean {
  if (errorKinds(code).length === 0) return false;
  return !OF_THE_REQUEST.has(code) || fromPolicy(allowedFailsPolicy, code) !== undefined;
}

/**
 * Whether a deployment goes into cooldown after a failure. `window` has it counted already. As LiteLLM has it
 * (https://docs.litellm.ai/docs/proxy/reliability#cooldowns), but for this:
 *
 * - A fallback counts as an alternative, as another deployment of the group does: LiteLLM spares the only deployment of a group.
 * - A deployment without any success in the minute goes out after 2 failures, one with successes after 5 in a row; LiteLLM waits until half
 *   of the minute's calls, and at least 5, have failed.
 * - The only one whose address nobody answers at goes out after 5 failures in a row; LiteLLM keeps calling it.
 */
export function isCooldownDue(code: ErrorCode, window: FailureWindow, rule: CooldownRule): boolean {
  if (!countsAsFailure(code, rule)) return false;
  const allowed = fromPolicy(rule.allowedFailsPolicy, code);
  if (allowed !== undefined) return mostOfKinds(code, window) > allowed;
  if (rule.allowedFails !== undefined) return window.failures > rule.allowedFails;
  if (window.unreachableInARow >= LEAST_UNREACHABLE_OF_THE_ONLY_ONE) return true;
  if (window.successes === 0 && window.failures >= LEAST_FAILURES_OF_THE_ONLY_ONE) return true;
  if (!rule.hasAlternative) return false;
  if (code === 'upstream_rate_limited') return true;
  if (LASTING.has(code)) return !(rule.isWildcard && code === 'upstream_not_found');
  if (window.inARow >= LEAST_FAILURES_IN_A_ROW) return true;
  if (window.successes === 0) return window.failures >= LEAST_FAILURES_WITHOUT_SUCCESS;
  const calls = window.successes + window.failures;
  return calls >= LEAST_CALLS && window.failures > calls / 2;
}

function mostOfKinds(code: ErrorCode, { byKind }: FailureWindow): number {
  return Math.max(0, ...errorKinds(code).map((kind) => byKind[kind] ?? 0));
}
