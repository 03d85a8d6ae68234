import { SPARE_MS } from '#budgets';
import type { AdmissionAnswer, AdmissionAsk, AdmissionCall, AdmissionReply, OpenTicket, Remaining, Ticket } from '#contracts';

/**
 * Tickets ahead of their jobs: an ingress with many calls of one caller asks for some at a time, so that a call need not wait for another process's
 * word. Each is an ordinary ticket by the name of the job that will have it. There is one for a call that costs no more than what is held.
 *
 * asked for ──▶ ready ──a job like it──▶ that job's
 *                 └──a second without one, recalled, a new leader──▶ given back
 */
export interface SpareTickets {
  /** A ticket for this ask, whose job takes its name. Undefined: it has to be asked. */
  take(ask: AdmissionAsk): Admitted | undefined;
  /** The leader's word on those that were asked for. */
  given(reply: Extract<AdmissionReply, { readonly type: 'spares' }>): void;
  /** Gives back what has no job; `recall` is what the leader calls it. */
  giveBack(recall?: number): void;
  /** Several times a second. */
  tick(): void;
}

export type Admitted = Extract<AdmissionAnswer, { readonly admitted: true }>;

export interface SpareOptions {
  readonly ingress: string;
  readonly send: (call: AdmissionCall) => void;
  /** Something is held for a job that may come, and nothing any more. */
  readonly onReady: (ticket: OpenTicket) => void;
  readonly onGone: (job: string) => void;
  readonly newJobId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Calls a second of one caller from which on it is worth it. */
const FEWEST_CALLS = 24;
const MOST_SPARES = 160;
/** For calls of the next so many milliseconds. */
const AHEAD_MS = 50;
const LOST_MS = 1_000;
/** What is given back has to be there in time. */
const LATE_MS = 250;
const PAUSE_MS = 500;
/** Longer than a job's own: it has to be there when its job comes. */
const DEADLINE_GRACE_MS = SPARE_MS * 2;
const MOST_KINDS = 1_000;

/** Asked for together. */
interface Batch {
  readonly kind: Kind;
  readonly ask: AdmissionAsk;
  readonly jobs: readonly string[];
  readonly since: number;
}

interface Ready {
  readonly job: string;
  readonly ticket: Ticket;
  /** Among those that were given together; the answer is that of the first. */
  readonly place: number;
  readonly first: Admitted;
  readonly ask: AdmissionAsk;
  readonly until: number;
}

/** Calls of one caller for one group. */
interface Kind {
  like: AdmissionAsk;
  /** The most that one of them needed, of late. */
  most: Need;
  mostBefore: Need;
  ready: Ready[];
  /** Asked for, with no answer yet. */
  asked: number;
  /** When it may be asked again, Unix milliseconds. */
  pausedUntil: number;
  calls: number;
  perSecond: number;
}

interface Need {
  readonly usd: number;
  readonly mostUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly lastsMs: number;
}

export function createSpareTickets({ ingress, send, onReady, onGone, newJobId, now }: SpareOptions): SpareTickets {
  const kinds = new Map<string, Kind>();
  /** Asked for, with no answer yet, by what they were asked for as. */
  const underWay = new Map<number, Batch>();
  let lastBatch = 0;
  let tickedAt = now();

  const refill = (kind: Kind): void => {
    const wanted = Math.min(MOST_SPARES, Math.ceil((kind.perSecond * AHEAD_MS) / 1_000) + 2);
    const missing = wanted - kind.ready.length - kind.asked;
    if (kind.perSecond < FEWEST_CALLS || missing * 2 < wanted || now() < kind.pausedUntil) return;
    const jobs = Array.from({ length: missing }, newJobId);
    const like = spareOf(kind, now());
    lastBatch += 1;
    underWay.set(lastBatch, { kind, ask: like, jobs, since: now() });
    kind.asked += missing;
    send({ type: 'spares', ingress, batch: lastBatch, like, jobs });
  };
  const drop = (jobs: readonly string[], recall?: number): void => {
    for (const job of jobs) onGone(job);
    if (jobs.length > 0 || recall !== undefined) send({ type: 'unused', ingress, jobs, recall });
  };

  return {
    take(ask) {
      if (ask.mostUsd === undefined || ask.durable === true) return undefined;
      const kind = kindOf(kinds, ask);
      kind.like = ask;
      kind.calls += 1;
      kind.most = larger(kind.most, needOf(ask));
      const found = kind.ready.findIndex((ready) => fits(ask, ready, now()));
      const [ready] = found === -1 ? [] : kind.ready.splice(found, 1);
      refill(kind);
      return ready && answerOf(ready);
    },
    given({ batch, given, answer }) {
      const known = underWay.get(batch);
      if (known === undefined) return;
      underWay.delete(batch);
      const { kind, ask, jobs } = known;
      kind.asked -= jobs.length;
      // there is no plenty
      if (given < jobs.length) kind.pausedUntil = now() + PAUSE_MS;
      if (answer?.admitted !== true) return;
      const { by, modelGroup, deadlineAt, acceptedAt } = ask;
      const until = now() + SPARE_MS - LATE_MS;
      for (const [place, job] of jobs.slice(0, given).entries()) {
        const ticket = { ...answer.ticket, job };
        onReady({ ...ticket, by, modelGroup, deadlineAt, acceptedAt });
        kind.ready.push({ job, ticket, place, first: answer, ask, until });
      }
    },
    giveBack(recall) {
      const jobs: string[] = [];
      for (const kind of kinds.values()) {
        for (const { job } of kind.ready) jobs.push(job);
        kind.ready = [];
        kind.pausedUntil = now() + PAUSE_MS;
      }
      drop(jobs, recall);
    },
    tick() {
      const at = now();
      const passedMs = Math.max(1, at - tickedAt);
      tickedAt = at;
      const late: string[] = [];
      for (const [name, kind] of kinds) {
        kind.perSecond = (kind.calls * 1_000) / passedMs;
        const isQuiet = kind.calls === 0 && kind.ready.length === 0 && kind.asked === 0;
        kind.calls = 0;
        kind.mostBefore = kind.most;
        kind.most = NOTHING;
        for (const { job, until } of kind.ready) if (until <= at) late.push(job);
        kind.ready = kind.ready.filter(({ until }) => until > at);
        if (isQuiet) kinds.delete(name);
      }
      for (const [batch, { kind, jobs, since }] of underWay) {
        if (since + LOST_MS > at) break;
        underWay.delete(batch);
        kind.asked -= jobs.length;
        late.push(...jobs);
      }
      drop(late);
    },
  };
}

const NOTHING: Need = { usd: 0, mostUsd: '0', inputTokens: 0, outputTokens: 0, lastsMs: 0 };

function kindOf(kinds: Map<string, Kind>, ask: AdmissionAsk): Kind {
  const name = nameOf(ask);
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const kind: Kind = { like: ask, most: NOTHING, mostBefore: NOTHING, ready: [], asked: 0, pausedUntil: 0, calls: 0, perSecond: 0 };
  if (kinds.size < MOST_KINDS) kinds.set(name, kind);
  return kind;
}

/** All that limits may belong to, but for providers and deployments: where these have budgets, none is given. */
function nameOf({ by, modelGroup }: AdmissionAsk): string {
  const { keyHash, teamId = '', organizationId = '', userId = '', endUser = '', tags } = by;
  const who = `${keyHash}\n${modelGroup}\n${teamId}\n${organizationId}\n${userId}\n${endUser}`;
  return tags === undefined || tags.length === 0 ? who : `${who}\n${tags.join('\n')}`;
}

function needOf({ mostUsd = '0', inputTokens, outputTokens, deadlineAt, acceptedAt }: AdmissionAsk): Need {
  return { usd: Number(mostUsd), mostUsd, inputTokens, outputTokens, lastsMs: deadlineAt - acceptedAt };
}

function larger(one: Need, other: Need): Need {
  const dearer = other.usd > one.usd ? other : one;
  const isWithin = other.usd <= one.usd && other.inputTokens <= one.inputTokens && other.outputTokens <= one.outputTokens;
  if (isWithin && other.lastsMs <= one.lastsMs) return one;
  return {
    usd: dearer.usd,
    mostUsd: dearer.mostUsd,
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    lastsMs: Math.max(one.lastsMs, other.lastsMs),
  };
}

/** For any of the calls of late. */
function spareOf({ like, most, mostBefore }: Kind, at: number): AdmissionAsk {
  const { mostUsd, inputTokens, outputTokens, lastsMs } = larger(mostBefore, most);
  return { ...like, job: '', mostUsd, inputTokens, outputTokens, acceptedAt: at, deadlineAt: at + lastsMs + DEADLINE_GRACE_MS };
}

function fits(ask: AdmissionAsk, { ticket, ask: held, until }: Ready, at: number): boolean {
  return (
    until > at &&
    Number(ask.mostUsd) <= Number(ticket.heldUsd) &&
    ask.inputTokens <= held.inputTokens &&
    ask.outputTokens <= held.outputTokens &&
    ask.deadlineAt <= held.deadlineAt
  );
}

function answerOf({ job, ticket, place, first, ask }: Ready): Admitted {
  const { remaining } = first;
  return { ...first, job, ticket, remaining: place === 0 ? remaining : remaining?.map((one) => lessBy(place, one, ask)) };
}

/** What is left behind so many calls more. */
function lessBy(calls: number, one: Remaining, { inputTokens, outputTokens }: AdmissionAsk): Remaining {
  const each = { requests: 1, tokens: inputTokens + outputTokens, input_tokens: inputTokens, output_tokens: outputTokens };
  const needed = one.kind in each ? each[one.kind as keyof typeof each] : 0;
  return { ...one, remaining: String(Math.max(0, Number(one.remaining) - calls * needed)) };
}
