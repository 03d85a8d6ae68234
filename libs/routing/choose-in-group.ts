import { affinityKey } from './affinity/affinity-key.ts';
import { homeOf } from './affinity/rendezvous.ts';
import type { Availability } from './availability.ts';
import { pickLowest } from './pick-lowest.ts';
import type { StrategyContext } from './strategies/strategy.ts';
import { STRATEGIES } from './strategies/table.ts';

export interface ChoiceInput extends StrategyContext {
  readonly availability: Availability;
  /** Ids of the only deployments that can serve the request; undefined: all can. */
  readonly only: ReadonlySet<string> | undefined;
  /** How many of each list are wanted. */
  readonly count: number;
}

/** Positions in the view, the ones to try first in front. */
export interface GroupChoice {
  readonly ready: readonly number[];
  /** Their `rpm` or `tpm` is used up for this minute. */
  readonly full: readonly number[];
  /** In cooldown. */
  readonly cooling: readonly number[];
  /** Why nobody in the group can serve the request, whatever their state. */
  readonly refusal: 'tags' | 'input_length' | undefined;
}

const NOBODY: GroupChoice = { ready: [], full: [], cooling: [], refusal: undefined };

/** Chooses among the deployments of one group: who may serve the request, who can at the moment, and in which order. */
export function chooseInGroup(input: ChoiceInput): GroupChoice {
  const tagged = byTags(input);
  if (tagged.length === 0) return { ...NOBODY, refusal: 'tags' };
  const fitting = byInputLength(tagged, input);
  if (fitting.length === 0) return { ...NOBODY, refusal: 'input_length' };
  const { only, view } = input;
  const able = only === undefined ? fitting : fitting.filter((member) => only.has(view.deployments[member]?.id ?? ''));
  const { ready, full, cooling } = byState(able, input);
  return { ready: inOrder(ready, input), full: inOrder(full, input), cooling: inOrder(cooling, input), refusal: undefined };
}

function byTags({ view, settings, facts }: ChoiceInput): readonly number[] {
  return settings.tagFiltering === 'off' ? view.members : view.matching(facts.tags, settings.tagFiltering);
}

function byInputLength(members: readonly number[], { view, settings, facts }: ChoiceInput): readonly number[] {
  if (!settings.checkInputLength || view.smallestInputLimit === Number.POSITIVE_INFINITY) return members;
  const tokens = facts.inputTokens();
  return tokens <= view.smallestInputLimit ? members : members.filter((member) => tokens <= (view.inputLimits[member] ?? tokens));
}

interface ByState {
  readonly ready: readonly number[];
  readonly full: readonly number[];
  readonly cooling: readonly number[];
}

function byState(members: readonly number[], input: ChoiceInput): ByState {
  const { view, availability, now, settings } = input;
  const heedsLimits = view.hasLimits && (settings.checkLimits || STRATEGIES[settings.strategy].heedsLimits);
  const ready: number[] = [];
  const full: number[] = [];
  const cooling: number[] = [];
  for (const member of members) {
    if (!availability.isAvailable(view.deployments[member]?.id ?? '', now)) cooling.push(member);
    else if (heedsLimits && isFull(member, input)) full.push(member);
    else ready.push(member);
  }
  return { ready, full, cooling };
}

function isFull(member: number, { view, facts }: ChoiceInput): boolean {
  const deployment = view.deployments[member];
  const load = view.loads[member];
  if (deployment === undefined || load === undefined) return false;
  const { rpm, tpm } = deployment;
  if (rpm !== undefined && load.requests + load.expected + 1 > rpm) return true;
  return tpm !== undefined && load.tokens + load.expectedTokens + facts.inputTokens() > tpm;
}

/**
 * By `order`, and within one `order` by affinity, then the strategy. Of the first order there are up to `count`; each further one adds
 * at least one, so that a plan reaches all of them.
 */
function inOrder(members: readonly number[], input: ChoiceInput): readonly number[] {
  if (members.length < 2) return members;
  if (input.view.levelCount === 1) return ranked(members, input.count, input);
  const order: number[] = [];
  for (let level = 0; level < input.view.levelCount; level += 1) {
    const ofLevel = members.filter((member) => input.view.levels[member] === level);
    order.push(...ranked(ofLevel, Math.max(1, input.count - order.length), input));
  }
  return order;
}

function ranked(members: readonly number[], count: number, input: ChoiceInput): readonly number[] {
  const { view, settings } = input;
  const scores = STRATEGIES[settings.strategy].score(members, input);
  const key = settings.affinity === 'off' ? undefined : affinityKey(input.facts, settings);
  if (key !== undefined) scores[homeOf(key, members, view)] = Number.NEGATIVE_INFINITY;
  return pickLowest(scores, count).map((position) => members[position] ?? 0);
}
