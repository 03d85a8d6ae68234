import { type Bus, type FollowedMessage, followStream, publishCore, type StreamFollower, subscribeCore } from '#bus';
import { type AdmissionEngine, createAdmissionEngine } from '#budgets';
import {
  ADMISSION_SUBJECT,
  ADMITTED_ALL_SUBJECT,
  type AdmissionCall,
  type AdmissionReply,
  admittedSubject,
  ATTEMPT_EVENTS,
  type AttemptEvent,
  type BudgetAlert,
  EVENTS_STREAM,
  InvalidMessage,
  TOP_UP_SUBJECT,
  type TopUp,
} from '#contracts';
import { ChurnMap } from '#runtime';
import type { EventReader } from '../event-reader.ts';
import { type AdmissionDesk, createAdmissionDesk } from './admission-desk.ts';
import type { AdmissionMetrics, LeaderFigures } from './admission-metrics.ts';
import { collectHeld } from './collect-held.ts';
import type { LimitsMirror } from './limits-mirror.ts';
import { eventsSince, loadSpend, type SpendSources } from './load-spend.ts';
import { createSpendSaver } from './spend-saver.ts';
import { type UntilLimited, untilLimited } from './until-limited.ts';

export interface LeaderResources extends SpendSources {
  readonly mirror: LimitsMirror;
  readonly reader: EventReader;
  readonly metrics: AdmissionMetrics;
  readonly onAlert: (alert: BudgetAlert) => void;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly now: () => number;
  readonly unknownPriceUsd: () => string | undefined;
}

export interface LeaderTerm {
  readonly epoch: number;
  /** Whether this process leads and nobody else can. */
  readonly isFresh: () => boolean;
  /** Somebody else has written what only a leader writes. */
  readonly onDeposed: () => void;
}

/** The work of a leader, from the moment it has won. */
export interface Leader {
  /** Undefined until it answers. */
  figures(): LeaderFigures | undefined;
  /** No answers from now on. `save` leaves all it knows to the next one. */
  close(options: { readonly save: boolean }): Promise<void>;
}

const TICK_MS = 250;
const SAVE_MS = 1_000;
/** An ingress that was not heard for so long has nothing to tell. */
const GONE_MS = 30_000;
/**
 * listening ──▶ loading (what is stored) ──▶ replaying (events since) ──▶ collecting (what is held) ──▶ leading ──▶ closed
 *                   └ nobody has limits ──▶ idle ──first limit, or ask──▶ leading
 *
 * Asks that come before it leads wait. Nothing is answered while the lease is not fresh. An idle leader follows no events: where nobody is
 * limited they would be read for nothing (a tenth of what the server and this process spend on a request).
 */
export function startLeader(term: LeaderTerm, resources: LeaderResources): Leader {
  const { bus, mirror, store, log, now } = resources;
  const stopped = new AbortController();
  const releases: (() => void)[] = [];
  const startedAt = performance.now();
  let storedAt = 0;
  let isLeading = false;
  let idle: UntilLimited | undefined;
  let follower: StreamFollower | undefined;

  const { desk, engine } = createOffice(term, resources);

  const onMessage = ({ data, streamSeq, storedAt: time }: FollowedMessage): void => {
    storedAt = time;
    const event = mirror.isEmpty ? undefined : readEvent(resources.reader, streamSeq, data);
    if (event === undefined) engine.pass(streamSeq);
    else engine.settle(event, { seq: streamSeq, isPast: !isLeading });
    if (isLeading) desk.flush();
  };

  const saver = createSpendSaver({
    engine,
    store,
    mayWrite: () => isLeading && term.isFresh(),
    place: () => ({ storedAt, ingresses: desk.heardSince(now() - GONE_MS) }),
    onDeposed: term.onDeposed,
    log,
  });
  /** Whoever leads next should know whom to ask. */
  const take = (call: AdmissionCall): void => {
    const isNew = !desk.knows(call.ingress);
    desk.take(call);
    if (isNew) void saver.save();
    if (call.type === 'ask') idle?.wake();
  };

  const begin = async (): Promise<void> => {
    const before = await patiently(() => loadSpend(resources), { log, signal: stopped.signal });
    if (before === undefined) return;
    engine.restore(before);
    storedAt = before.storedAt;
    publishCore(bus, ADMITTED_ALL_SUBJECT, encode({ type: 'lead', epoch: term.epoch }));
    // nothing is held where nobody has led before
    const collected = before.isFirst === true ? undefined : collectHeld(desk, { ingresses: before.ingresses, signal: stopped.signal });
    const follow = { ...EVENTS, since: (await idleUntil()) ?? eventsSince(before, now()), onMessage };
    follower = await patiently(() => followStream(bus, follow), { log, signal: stopped.signal });
    if (follower === undefined) return;
    await Promise.all([follower.caughtUp, collected]);
    if (stopped.signal.aborted) return follower.close();
    lead();
  };
  /** Until when nobody had limits, Unix milliseconds; undefined where somebody has from the start. */
  const idleUntil = async (): Promise<number | undefined> => {
    if (!mirror.isEmpty) return undefined;
    idle = untilLimited(mirror, stopped.signal);
    await idle.over;
    idle = undefined;
    return (storedAt = now());
  };
  const lead = (): void => {
    isLeading = true;
    resources.reader.share(true);
    engine.begin();
    desk.open();
    mirror.onChange = (scope) => {
      engine.limitsChanged(scope);
      desk.limitsChanged();
      desk.flush();
    };
    const tick = (): void => {
      engine.tick();
      desk.flush();
    };
    releases.push(
      every(TICK_MS, tick),
      every(SAVE_MS, () => void saver.save()),
    );
    void saver.save();
    const tookMs = Math.round(performance.now() - startedAt);
    log.info({ epoch: term.epoch, tookMs, ingresses: desk.told.size, ...engine.figures() }, 'this process has the lead of admission');
  };

  releases.push(listen(bus, { take, topUp: desk.topUp }));
  begin().catch((error: unknown) => {
    log.warn({ err: error }, 'the lead of admission could not be taken');
    term.onDeposed();
  });

  return {
    figures: () => (isLeading || idle !== undefined ? { ...engine.figures(), behind: follower?.behind ?? 0 } : undefined),
    async close({ save: saves }) {
      stopped.abort();
      for (const release of releases) release();
      desk.close();
      mirror.onChange = () => undefined;
      if (saves) await saver.save();
      isLeading = false;
      resources.reader.share(false);
      follower?.close();
    },
  };
}

/** The engine, and what stands between it and the network. */
function createOffice(
  term: LeaderTerm,
  { bus, mirror, metrics, log, now, onAlert, unknownPriceUsd }: LeaderResources,
): { readonly desk: AdmissionDesk; readonly engine: AdmissionEngine } {
  const desk: AdmissionDesk = createAdmissionDesk({
    ...term,
    engine: () => engine,
    send: (ingress, reply) => publishCore(bus, admittedSubject(ingress), encode(reply)),
    unknown: mirror.unknown,
    learn: mirror.learn,
    metrics,
    log,
    now,
  });
  const engine: AdmissionEngine = createAdmissionEngine({
    now,
    limitsOf: mirror.limitsOf,
    onAnswer: desk.answer,
    onHeld: desk.held,
    onStop: desk.stop,
    onAlert,
    unknownPriceUsd,
    newJobMap: () => new ChurnMap(),
  });
  return { desk, engine };
}

const EVENTS = { stream: EVENTS_STREAM, filterSubject: ATTEMPT_EVENTS };

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}

function listen(bus: Bus, desk: Pick<AdmissionDesk, 'take' | 'topUp'>): () => void {
  const ends = [
    subscribeCore(bus, ADMISSION_SUBJECT, ({ data }) => desk.take(decode<AdmissionCall>(data))),
    subscribeCore(bus, TOP_UP_SUBJECT, (message) => {
      const reply = desk.topUp(decode<TopUp>(message.data));
      if (reply !== undefined) message.respond(encode(reply));
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** Events that can't be read are among the ledger's dead letters: nothing is known of them that could be counted. */
function readEvent(reader: EventReader, streamSeq: number, data: Uint8Array): AttemptEvent | undefined {
  try {
    return reader.read(streamSeq, data);
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined;
    throw error;
  }
}

interface Patience {
  readonly log: LeaderResources['log'];
  readonly signal: AbortSignal;
}

const PAUSE_MS = 250;

/** Tries until it works; undefined when it is stopped meanwhile. */
async function patiently<T>(attempt: () => Promise<T>, { log, signal }: Patience): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch (error) {
      log.warn({ err: error }, 'the lead of admission has to wait');
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
    }
  }
  return undefined;
}

function encode(value: AdmissionReply | object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Both ends are ours. */
function decode<T>(data: Uint8Array): T {
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as T;
}
