import type { AdmissionAnswer, AdmissionAsk, AdmissionCall, AdmissionReply, NamedScope, Refusal, TopUp, TopUpReply } from '#contracts';
import { type AdmissionEngine, createKnownScopes } from '#budgets';
import type { AdmissionMetrics } from './admission-metrics.ts';
import { createRecalls } from './recalls.ts';
import { createReplyLetters } from './reply-letters.ts';

/**
 * What comes from ingresses and workers, to the engine, and its words back. Before it is opened it keeps what comes: a new leader has to know what
 * is held before it answers the first ask.
 */
export interface AdmissionDesk {
  take(call: AdmissionCall): void;
  topUp(wish: TopUp): TopUpReply | undefined;
  /** From the engine. */
  answer(ingress: string, answer: AdmissionAnswer): void;
  /** What is held for a job under way has changed. */
  held(ingress: string, answer: AdmissionAnswer): void;
  stop(ingress: string, job: string, refusal: Refusal): void;
  /** Answers what has gathered, and from now on at once. */
  open(): void;
  /** Sends what the engine has said since the last time. */
  flush(): void;
  /** What was given ahead was given by the old limits. */
  limitsChanged(): void;
  close(): void;
  knows(ingress: string): boolean;
  /** Ingresses that were heard after this time, Unix milliseconds. */
  heardSince(time: number): readonly string[];
  /** Those that have told this leader what is held for them. */
  readonly told: ReadonlySet<string>;
}

export interface DeskOptions {
  readonly epoch: number;
  readonly engine: () => AdmissionEngine;
  readonly send: (ingress: string, reply: AdmissionReply) => void;
  /** Whether this process leads and nobody else can. */
  readonly isFresh: () => boolean;
  /** Scopes of whom nothing is known yet; `learn` looks them up. */
  readonly unknown: (scopes: readonly NamedScope[]) => readonly NamedScope[];
  readonly learn: (scopes: readonly NamedScope[]) => Promise<void>;
  readonly metrics: AdmissionMetrics;
  readonly log: { warn(fields: object, message: string): void };
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createAdmissionDesk(options: DeskOptions): AdmissionDesk {
  const { epoch, engine, send, isFresh, metrics, log, now } = options;
  const letters = createReplyLetters(options);
  const heardAt = new Map<string, number>();
  const told = new Set<string>();
  const known = createKnownScopes();
  let early: AdmissionCall[] | undefined = [];

  const answer = (ingress: string, word: AdmissionAnswer): void => {
    metrics.asked(word.admitted ? 'admitted' : word.refusal.kind);
    letters.answer(ingress, word);
  };

  const decide = (ingress: string, ask: AdmissionAsk, mayWait = true): void => {
    try {
      const word = engine().admit(ask, ingress);
      if (word?.admitted !== true) recalls.begin(engine().recall(word ?? ask));
      // a parked one is woken by what comes back
      if (word === undefined) metrics.asked('parked');
      else if (word.admitted || !mayWait || word.refusal.kind === 'budget' || !recalls.await({ ingress, ask })) answer(ingress, word);
    } catch (error) {
      // the others of its message are not to blame
      log.warn({ err: error, jobId: ask.job }, 'an ask could not be decided');
    }
  };
  const recalls = createRecalls({
    epoch,
    send,
    onOver(waiting) {
      if (!isFresh()) return;
      for (const { ingress, ask } of waiting) decide(ingress, ask, false);
      letters.flush();
    },
  });
  const give = ({ ingress, batch, like, jobs }: Extract<AdmissionCall, { readonly type: 'spares' }>): void => {
    // of a caller that nothing is known of yet none is given
    const isKnown = options.unknown(known.ofCaller(like.by)).length === 0;
    const { answer: first, given = 0 } = (isKnown ? engine().spare(like, jobs, ingress) : undefined) ?? {};
    metrics.gaveSpares(given);
    send(ingress, { type: 'spares', epoch, batch, given, answer: first });
  };
  /** Somebody who was made a moment ago: the news may still be on its way. Whoever can't be looked up now is asked for again. */
  const learnFirst = async (ingress: string, ask: AdmissionAsk, scopes: readonly NamedScope[]): Promise<void> => {
    try {
      await options.learn(scopes);
    } catch {
      return;
    }
    if (!isFresh()) return;
    decide(ingress, ask);
    letters.flush();
  };
  const ask = (ingress: string, one: AdmissionAsk): void => {
    const scopes = options.unknown(known.ofCaller(one.by));
    if (scopes.length === 0) decide(ingress, one);
    else void learnFirst(ingress, one, scopes);
  };

  const takeBack = ({ ingress, jobs, recall }: Extract<AdmissionCall, { readonly type: 'unused' }>): void => {
    engine().unused(jobs);
    if (recall !== undefined) recalls.returned(ingress, recall);
  };
  const handle = (call: AdmissionCall): void => {
    if (call.type === 'ask') for (const one of call.asks) ask(call.ingress, one);
    else if (call.type === 'release') for (const job of call.jobs) engine().release(job);
    else if (call.type === 'spares') give(call);
    else if (call.type === 'unused') takeBack(call);
    else engine().beat(call.ingress, call.open);
  };

  return {
    take(call) {
      const { ingress } = call;
      heardAt.set(ingress, now());
      if (call.type === 'beat') {
        if (call.epoch < epoch) send(ingress, { type: 'lead', epoch });
        else told.add(ingress);
      }
      if (!isFresh()) return;
      if (early !== undefined) return void early.push(call);
      handle(call);
      letters.flush();
    },
    topUp(wish) {
      if (early !== undefined || !isFresh()) return undefined;
      const reply = engine().topUp(wish);
      letters.flush();
      // nobody knows it yet: the beat that tells of it may be on its way
      if (reply.heldUsd === '0' && reply.refusal === undefined) {
        metrics.topUps.inc({ outcome: 'unknown' });
        return undefined;
      }
      metrics.topUps.inc({ outcome: reply.refusal === undefined ? 'given' : 'refused' });
      return reply;
    },
    answer,
    held: letters.answer,
    stop: letters.stop,
    open() {
      const calls = early ?? [];
      early = undefined;
      for (const call of calls) if (call.type === 'beat') handle(call);
      for (const call of calls) if (call.type !== 'beat') handle(call);
      letters.flush();
    },
    limitsChanged: () => recalls.begin(engine().recall()),
    close: recalls.close,
    flush: letters.flush,
    knows: (ingress) => heardAt.has(ingress),
    heardSince: (time) => [...heardAt].flatMap(([ingress, at]) => (at >= time ? [ingress] : [])),
    told,
  };
}
