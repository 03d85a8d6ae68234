import { type ErrorCode, fromPolicy, type GatewayError, type HealthRecord } from '#contracts';
import type { Availability } from '../availability.ts';
import { createChanges } from './changes.ts';
import { type CooldownRule, countsAsFailure, isCooldownDue } from './cooldown-rule.ts';
import { createFailureCounter, type FailureCounter } from './failure-window.ts';
import { createFirstCalls } from './first-calls.ts';
import { createSharedBreaker, type HealthStore, type SharedBreaker } from './shared-breaker.ts';

export interface HealthBoardOptions {
  readonly store: HealthStore;
  /** This process's id. */
  readonly by: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** `disable_cooldowns`. */
  readonly disabled: boolean;
  readonly ruleOf: (deploymentId: string) => CooldownRule & { readonly cooldownMs: number };
  readonly onError: (error: unknown, deploymentId: string) => void;
  /** A deployment went out, or came back. */
  readonly onChange?: ((record: HealthRecord) => void) | undefined;
}

/**
 * The health of all deployments as this process knows it: it sees its own calls, and through the store what the others decided.
 * Asking it costs a look-up; only a change is written.
 *
 * After its cooldown a deployment is given one call of all processes' to prove itself. Who plans sends one job there and then
 * looks elsewhere for a while (`planned`); the worker that got the job claims the probe (`admit`), and the claim decides.
 */
export interface HealthBoard extends Availability {
  /** A job is on its way to a deployment: if it is the probe, no second one is planned meanwhile. */
  planned(deploymentId: string): void;
  /** Whether a call may be made now: at once, or after the claim of the probe has been decided. */
  admit(deploymentId: string): boolean | Promise<boolean>;
  succeeded(deploymentId: string): void;
  failed(deploymentId: string, error: Pick<GatewayError, 'code' | 'retryAfterMs'>): void;
  /** A call ended and says nothing of its deployment's health: the client left, the deadline passed. */
  leftOpen(deploymentId: string): void;
  /** Resolves when something is decided about a deployment that is out, here or elsewhere. */
  changed(deploymentId: string): Promise<void>;
  /** Undefined for a deployment that has never been out. */
  recordOf(deploymentId: string): HealthRecord | undefined;
  /** From the store. */
  apply(stored: { readonly record: HealthRecord; readonly revision: number }): void;
  /** Resolves when all that was decided so far is stored. */
  settled(): Promise<void>;
}

/** After a probe was planned: about as long as a job takes to be claimed, with much to spare. */
const PLANNED_PROBE_MS = 1_000;
/** A provider that asks for more is asked again nevertheless: a limit may be raised, a clock may be wrong. */
const LONGEST_COOLDOWN_MS = 10 * 60_000;

export function createHealthBoard(options: HealthBoardOptions): HealthBoard {
  const { now, disabled, ruleOf } = options;
  const breakers = new Map<string, SharedBreaker>();
  const counters = new Map<string, FailureCounter>();
  const plannedUntil = new Map<string, number>();
  const firstCalls = createFirstCalls(now);
  const changes = createChanges();

  const breakerOf = (id: string): SharedBreaker =>
    obtain(breakers, id, () => createSharedBreaker(id, { ...options, onRecord: () => changes.happened(id) }));
  const counterOf = (id: string): FailureCounter => obtain(counters, id, createFailureCounter);
  const isOut = (id: string): boolean => (breakers.get(id)?.record?.state ?? 'closed') !== 'closed';
  const admit = (id: string): boolean | Promise<boolean> => {
    if (disabled) return true;
    const breaker = breakers.get(id);
    if (breaker?.record !== undefined && isOut(id)) return now() >= breaker.record.until && breaker.claim(ruleOf(id).cooldownMs);
    if (!ruleOf(id).hasAlternative) return true;
    const entered = firstCalls.enter(id);
    return entered === true || entered.then(() => admit(id));
  };
  const count = (id: string, error: Failure): void => {
    const rule = ruleOf(id);
    const breaker = breakers.get(id);
    const isProbe = breaker?.isProbing === true;
    if (!countsAsFailure(error.code, rule)) {
      // it has answered: what it refused was the request
      return isProbe && isAnswer(error.code) ? breaker?.close() : breaker?.release();
    }
    const counter = counterOf(id);
    counter.failed(error.code, now());
    const isDue = isAskedToWait(error, rule) || isCooldownDue(error.code, counter.window, rule);
    // the only one of its group: the limit it was out for is over, and what failed now would not have taken it out
    if (!isDue && isProbe && !rule.hasAlternative && breaker?.record?.waits === true) return breaker.close();
    if (!isDue && !isProbe) return;
    counter.reset();
    breakerOf(id).open(error.code, now() + cooldownMsOf(error, rule), endsByItself(error));
  };

  return {
    isAvailable(id, at) {
      const record = breakers.get(id)?.record;
      if (record === undefined || record.state === 'closed' || disabled) return true;
      return at >= record.until && at >= (plannedUntil.get(id) ?? 0);
    },
    retryAtMs(id) {
      const record = breakers.get(id)?.record;
      if (record === undefined || record.state === 'closed') return undefined;
      return Math.max(record.until, plannedUntil.get(id) ?? 0);
    },
    isWaitedFor(id, deadlineAt) {
      const record = breakers.get(id)?.record;
      // how a probe ends is known at any moment
      return record?.waits === true && (record.state === 'probing' || record.until < deadlineAt);
    },
    changed: (id) => changes.next(id),
    planned(id) {
      const record = breakers.get(id)?.record;
      if (record !== undefined && record.state !== 'closed') plannedUntil.set(id, now() + PLANNED_PROBE_MS);
    },
    admit,
    succeeded(id) {
      counterOf(id).succeeded(now());
      firstCalls.succeeded(id);
      if (breakers.get(id)?.isProbing === true) breakers.get(id)?.close();
    },
    failed(id, error) {
      if (disabled) return;
      count(id, error);
      firstCalls.ended(id, isOut(id));
    },
    leftOpen(id) {
      breakers.get(id)?.release();
      firstCalls.ended(id, isOut(id));
    },
    recordOf: (id) => breakers.get(id)?.record,
    apply({ record, revision }) {
      plannedUntil.delete(record.deploymentId);
      breakerOf(record.deploymentId).apply(record, revision);
      if (record.state === 'open') firstCalls.ended(record.deploymentId, true);
    },
    async settled() {
      await Promise.all([...breakers.values()].map((breaker) => breaker.settled()));
    },
  };
}

type Failure = Pick<GatewayError, 'code' | 'retryAfterMs'>;

/** The only one of a group is away no longer than its provider asked for: nobody else can take its requests. */
function cooldownMsOf(error: Failure, { hasAlternative, cooldownMs }: CooldownRule & { readonly cooldownMs: number }): number {
  const leastMs = asksForTime(error) && !hasAlternative ? 0 : cooldownMs;
  return Math.min(LONGEST_COOLDOWN_MS, Math.max(error.retryAfterMs ?? 0, leastMs));
}

/** The provider says itself when it is worth another try: every call before that is one too many, whoever else there is. */
function asksForTime(error: Failure): boolean {
  return error.retryAfterMs !== undefined && endsByItself(error);
}

/** Unless the settings say how many such failures are tolerated. */
function isAskedToWait(error: Failure, { allowedFails, allowedFailsPolicy }: CooldownRule): boolean {
  return asksForTime(error) && allowedFails === undefined && fromPolicy(allowedFailsPolicy, error.code) === undefined;
}

/** A limit of the provider's, or a load that it knows the end of. */
function endsByItself({ code, retryAfterMs }: Failure): boolean {
  return code === 'upstream_rate_limited' || (code === 'upstream_overloaded' && retryAfterMs !== undefined);
}

function isAnswer(code: ErrorCode): boolean {
  return code === 'upstream_bad_request' || code === 'context_length_exceeded' || code === 'content_policy_violation';
}

function obtain<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = create();
  map.set(key, made);
  return made;
}
