import { afterTurn, type FairClock, NEW_CLOCK, startOf } from './fair-clock.ts';
import type { LimitRules } from './limit-rules.ts';
import { addUse, correctTokens, fitsAt, inWindow, moveUse, sliceOf, type WindowEntry } from './window-log.ts';

/**
 * The state of one limited deployment as all workers share it, and what may be done with it. Pure: who holds it decides by compare
 * and set, so each decision is made on what all the decisions before it have left.
 *
 * Jobs that have to wait stand in line here with their place in the queue, so that a permit goes to the job whose turn it is and not to
 * the worker that asks first: by lane in proportion to its weight, within a lane its queues in turn, within a queue in order of arrival.
 */
export interface LimitState {
  readonly v: 1;
  readonly used: readonly WindowEntry[];
  /** Calls under way by worker; a worker that is not heard of again counts until `until`. */
  readonly holders: Readonly<Record<string, { readonly calls: number; readonly until: number }>>;
  readonly line: readonly Ticket[];
  /** Whose turn it is among the lanes, and among the queues of each lane. */
  readonly lanes: FairClock;
  readonly queues: Readonly<Record<string, FairClock>>;
  /** The provider said to wait, or how much it has left: nothing starts before. */
  readonly notBefore: number;
}

export interface Ticket extends Place {
  readonly worker: string;
  /** A ticket whose worker has not asked again by then is void. */
  readonly until: number;
}

/** Where a job waits. */
export interface Place {
  readonly lane: string;
  /** Of the queues of its lane. */
  readonly queue: string;
  /** Place of the job in its queue. */
  readonly seq: number;
}

export interface TakeRequest extends Place {
  readonly worker: string;
  /** Of its lane. */
  readonly weight: number;
  /** Estimate of all tokens of the call. */
  readonly tokens: number;
}

export type TakeResult =
  /** `grantedAt`: Unix ms by the server's clock. */
  | { readonly granted: true; readonly slice: number; readonly tokens: number; readonly grantedAt: number }
  /** Worth another try at this time (Unix ms by the server's clock). */
  | { readonly granted: false; readonly retryAt: number };

export const EMPTY_STATE: LimitState = { v: 1, used: [], holders: {}, line: [], lanes: NEW_CLOCK, queues: {}, notBefore: 0 };

/** A worker tells of its calls a few times in this time. */
export const HOLDER_TTL_MS = 10_000;
/** Nobody says when a call ends: who waits for one looks again after this. */
const BUSY_RETRY_MS = 50;
/** It is another's turn, who is about to take it. */
const TURN_RETRY_MS = 20;
/** How long after the time it was told to come again a waiting job keeps its place. */
const TICKET_GRACE_MS = 1_000;

/** Without what is over at `now`. */
export function refresh(state: LimitState, rules: LimitRules, now: number): LimitState {
  const holders = Object.entries(state.holders).filter(([, { calls, until }]) => calls > 0 && until > now);
  return {
    ...state,
    used: inWindow(state.used, now, rules.windowMs),
    holders: Object.fromEntries(holders),
    line: state.line.filter(({ until }) => until > now),
  };
}

/** States how many calls a worker has under way. */
export function holdCalls(state: LimitState, worker: string, calls: number, now: number): LimitState {
  return { ...state, holders: { ...state.holders, [worker]: { calls, until: now + HOLDER_TTL_MS } } };
}

export function correctUse(state: LimitState, slice: number, difference: number): LimitState {
  return { ...state, used: correctTokens(state.used, slice, difference) };
}

export function usedAt(state: LimitState, slice: number, at: number): LimitState {
  return { ...state, used: moveUse(state.used, slice, at) };
}

export function waitUntil(state: LimitState, until: number): LimitState {
  return until > state.notBefore ? { ...state, notBefore: until } : state;
}

/** `state` must be fresh (`refresh`), with the asking worker's own calls stated. */
export function take(state: LimitState, request: TakeRequest, rules: LimitRules, now: number): [LimitState, TakeResult] {
  const rest = state.line.filter(({ worker, seq }) => worker !== request.worker || seq !== request.seq);
  const refuse = (retryAt: number): [LimitState, TakeResult] => {
    const { worker, lane, queue, seq } = request;
    const line = [...rest, { worker, lane, queue, seq, until: retryAt + TICKET_GRACE_MS }];
    return [
      { ...state, line },
      { granted: false, retryAt },
    ];
  };
  if (state.notBefore > now) return refuse(state.notBefore);
  const freeAt = permitAt(state, request, rules, now, 1);
  if (freeAt > now) return refuse(freeAt);
  // with room for all who come before it, nobody has to wait for anybody
  const ahead = rest.filter((ticket) => goesBefore(ticket, request, state)).length;
  if (ahead > 0 && permitAt(state, request, rules, now, ahead + 1) > now) return refuse(now + TURN_RETRY_MS);
  const tokens = Math.min(request.tokens, rules.tokens ?? request.tokens);
  const granted: LimitState = {
    ...state,
    used:
      rules.requests === undefined && rules.tokens === undefined
        ? state.used
        : addUse(state.used, { requests: 1, tokens }, now, rules.windowMs),
    line: rest,
    lanes: afterTurn(state.lanes, request.lane, request.weight),
    queues: { ...state.queues, [request.lane]: afterTurn(clockOf(state, request), request.queue, 1) },
  };
  const slice = granted.used.at(-1)?.slice ?? sliceOf(now, rules.windowMs);
  return [granted, { granted: true, slice, tokens, grantedAt: now }];
}

export interface Taker {
  readonly rules: LimitRules;
  readonly worker: string;
  /** Its calls under way. */
  readonly calls: number;
  readonly now: number;
}

/** Several requests of one worker in turn, and the statement of its calls with those that were granted. */
export function takeAll(before: LimitState, requests: readonly TakeRequest[], taker: Taker): [LimitState, TakeResult[]] {
  const { rules, worker, now } = taker;
  const stated = (state: LimitState, calls: number): LimitState =>
    rules.parallel === undefined ? state : holdCalls(state, worker, calls, now);
  let calls = taker.calls;
  let state = stated(before, calls);
  const results = requests.map((request) => {
    const [next, result] = take(state, request, rules, now);
    if (result.granted) calls += 1;
    state = stated(next, calls);
    return result;
  });
  return [state, results];
}

/** When the limits leave room for so many calls of this size, whoever's turn it is. */
function permitAt(state: LimitState, request: TakeRequest, rules: LimitRules, now: number, calls: number): number {
  const { requests, tokens, parallel, windowMs } = rules;
  const underWay = Object.values(state.holders).reduce((sum, holder) => sum + holder.calls, 0);
  return Math.max(
    requests === undefined ? now : fitsAt(state.used, 'requests', requests, calls, now, windowMs),
    tokens === undefined ? now : fitsAt(state.used, 'tokens', tokens, calls * Math.min(request.tokens, tokens), now, windowMs),
    parallel === undefined || underWay + calls <= parallel ? now : now + BUSY_RETRY_MS,
  );
}

function goesBefore(ticket: Place, request: Place, state: LimitState): boolean {
  if (ticket.lane !== request.lane)
    return isEarlier(startOf(state.lanes, ticket.lane), startOf(state.lanes, request.lane), ticket, request);
  if (ticket.queue === request.queue) return ticket.seq < request.seq;
  const clock = clockOf(state, request);
  return isEarlier(startOf(clock, ticket.queue), startOf(clock, request.queue), ticket, request);
}

function isEarlier(start: number, other: number, ticket: Place, request: Place): boolean {
  return start === other ? ticket.seq < request.seq : start < other;
}

function clockOf({ queues }: LimitState, { lane }: Place): FairClock {
  return queues[lane] ?? NEW_CLOCK;
}
