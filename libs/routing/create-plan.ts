import type { Deployment, RoutingSettings } from '#config';
import { type Candidate, GatewayError } from '#contracts';
import { chooseInGroup, type GroupChoice } from './choose-in-group.ts';
import { type FallbackGroup, fallbackGroups, type RequestRouter } from './fallback-groups.ts';
import type { RequestFacts } from './request-facts.ts';
import type { RoutingState } from './routing-state.ts';

export interface ModelLookup {
  resolve(model: string): { readonly group: string; readonly deployments: readonly Deployment[] } | undefined;
}

export interface PlanInput {
  readonly model: string;
  readonly models: ModelLookup;
  readonly router: RequestRouter;
  readonly routing: RoutingSettings;
  readonly state: RoutingState;
  readonly facts: RequestFacts;
  /** Unix milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Until when the request may wait for a deployment that is at its provider's limit (Unix ms); undefined: not at all. */
  readonly deadlineAt?: number | undefined;
  /** Ids of the only deployments that can serve the request; undefined: all can. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** A group in the order it is tried, with what was chosen in it. */
interface PlannedGroup extends FallbackGroup {
  readonly deployments: readonly Deployment[];
  readonly choice: GroupChoice;
}

/**
 * The order in which deployments are tried: the group's own in the order of the strategy, repeated until `num_retries` further
 * attempts are planned, then each fallback group in the same way. Behind them stand those that can't serve it now: their `rpm` or
 * `tpm` is used up, or they are in cooldown. `undefined` when nobody serves the model.
 *
 * A second attempt goes to another deployment where the group has one: trying an overloaded provider again is the trap
 * that retries are known for.
 *
 * Where all are in cooldown those are planned that are only at their provider's limit, if that ends before the request's deadline: it waits in
 * the queue. Throws 503 `no_healthy_deployment` with the earliest end of a cooldown when there are none, 403 `model_access_denied` when the
 * request's tags fit no deployment, 400 `context_length_exceeded` when its input fits none.
 */
export function createPlan(input: PlanInput): readonly Candidate[] | undefined {
  const resolved = input.models.resolve(input.model);
  if (!resolved || resolved.deployments.length === 0) return undefined;
  input.state.board.refresh();
  const groups = plannedGroups(resolved.group, resolved.deployments, input);
  const attempts = attemptsPerGroup(input);
  const ready = groups.flatMap((group) => repeated(group.choice.ready, attempts).map((position) => candidate(group, position)));
  const forAnyJob = groups.filter((group) => group.for === undefined);
  if (ready.some((one) => one.for === undefined)) {
    const later = forAnyJob.flatMap((group) => deferred(group, 1));
    return [...firstForAnyJob(ready), ...later.slice(0, attempts)];
  }
  if (forAnyJob.every(({ choice }) => choice.full.length === 0)) {
    const waiting = waitedFor(forAnyJob, attempts, input);
    if (waiting.length === 0) throw refusal(forAnyJob, input);
    return [...waiting, ...ready];
  }
  return [...forAnyJob.flatMap((group) => deferred(group, attempts)), ...ready];
}

/** A job has not failed in any way yet when it begins. */
function firstForAnyJob(plan: readonly Candidate[]): readonly Candidate[] {
  if (plan[0]?.for === undefined) return plan;
  return [...plan.filter((one) => one.for === undefined), ...plan.filter((one) => one.for !== undefined)];
}

function attemptsPerGroup({ router }: PlanInput): number {
  return Math.max(1, router.numRetries + 1);
}

function plannedGroups(own: string, deployments: readonly Deployment[], input: PlanInput): readonly PlannedGroup[] {
  const choose = (list: readonly Deployment[]): GroupChoice => choiceOf(list, input);
  const first = { group: own, deployments, choice: choose(deployments) };
  const tooLong = first.choice.refusal === 'input_length';
  const fallbacks = fallbackGroups(input.model, own, input.router).flatMap((fallback) => {
    const found = input.models.resolve(fallback.group)?.deployments;
    if (found === undefined || found.length === 0) return [];
    // where nobody of the group takes so long an input, the fallbacks for that are what is left of the plan
    const isFor = tooLong && fallback.for === 'context_window' ? undefined : fallback.for;
    return [{ ...fallback, for: isFor, deployments: found, choice: choose(found) }];
  });
  return [first, ...fallbacks];
}

function choiceOf(deployments: readonly Deployment[], input: PlanInput): GroupChoice {
  const { state, routing: settings, facts, now, random, only } = input;
  const { availability, prices } = state;
  const view = state.views.viewOf(deployments);
  return chooseInGroup({ view, settings, facts, now, random, prices, availability, only, count: attemptsPerGroup(input) + SPARES });
}

/**
 * Further deployments of each group. They are no further attempts (`nextCandidate` counts those): they take the place of deployments that
 * have gone into cooldown by the time the job gets to them.
 */
const SPARES = 3;

/** In turn until there are as many as attempts; all of them when they are more. */
function repeated(positions: readonly number[], attempts: number): readonly number[] {
  if (positions.length === 0 || positions.length >= attempts) return positions;
  return Array.from({ length: attempts }, (_, turn) => positions[turn % positions.length] ?? 0);
}

/** Those that can't serve it now. They are worth as many attempts as others only where there are no others. */
function deferred(group: PlannedGroup, attempts: number): readonly Candidate[] {
  const { full, cooling } = group.choice;
  return [...repeated(full, attempts), ...cooling].map((position) => candidate(group, position));
}

/** All are in cooldown: those whose provider is at a limit that ends in time, group by group, the first to be back in front. */
function waitedFor(groups: readonly PlannedGroup[], attempts: number, { state, deadlineAt }: PlanInput): readonly Candidate[] {
  if (deadlineAt === undefined) return [];
  const { availability } = state;
  const backAt = (one: Candidate): number => availability.retryAtMs(one.deploymentId) ?? 0;
  const found = groups.flatMap((group) =>
    group.choice.cooling
      .map((position) => candidate(group, position))
      .filter(({ deploymentId }) => availability.isWaitedFor?.(deploymentId, deadlineAt) === true)
      .toSorted((a, b) => backAt(a) - backAt(b)),
  );
  return repeated([...found.keys()], attempts).flatMap((at) => found[at] ?? []);
}

function candidate({ group, deployments, for: cause, overrides }: PlannedGroup, position: number): Candidate {
  const deployment = deployments[position];
  if (deployment === undefined) throw new Error(`group ${group} has no deployment ${position}`);
  const { id: deploymentId, provider, tier } = deployment;
  const plain: Candidate = { deploymentId, provider, tier, modelGroup: group };
  return cause === undefined && overrides === undefined ? plain : { ...plain, for: cause, overrides };
}

function refusal(groups: readonly PlannedGroup[], { state, model, now }: PlanInput): GatewayError {
  const cooling = groups.flatMap(({ choice, deployments }) => choice.cooling.map((at) => deployments[at]));
  if (cooling.length > 0) {
    const ends = cooling.map((deployment) => state.availability.retryAtMs(deployment?.id ?? '') ?? now + UNKNOWN_COOLDOWN_MS);
    return new GatewayError('no_healthy_deployment', `No deployment of ${model} is healthy at the moment. Try again later.`, {
      retryAfterMs: Math.max(0, Math.min(...ends) - now),
    });
  }
  const why = groups[0]?.choice.refusal;
  if (why === 'tags') {
    return new GatewayError('model_access_denied', `No deployment of ${model} serves requests with these tags.`, { param: 'model' });
  }
  if (why === 'input_length') {
    return new GatewayError('context_length_exceeded', `The input is longer than any deployment of ${model} takes.`);
  }
  return new GatewayError('no_healthy_deployment', `No deployment of ${model} can serve this request.`);
}

const UNKNOWN_COOLDOWN_MS = 1_000;
