import type { AdmissionAnswer, AdmissionAsk, AdmissionReply, GatewayError, Refusal } from '#contracts';
import type { AdmissionLink } from './admission-link.ts';
import { createAdmissionOutbox, MOST_IN_MESSAGE } from './admission-outbox.ts';
import { createOpenTickets, type JobEnd } from './open-tickets.ts';
import { createSpareTickets } from './spare-tickets.ts';
import { createWaitingAsks } from './waiting-asks.ts';

/** This ingress's side of admission: it asks, tells once a second and every new leader what is held for its jobs, and gives back. */
export interface AdmissionClient {
  /**
   * Resolves with the leader's word. Admitted, it may be by another name: then the job takes that one.
   * Rejects with 503 when nobody has the lead for 10 s, with `queue_timeout` at the ask's deadline.
   */
  ask(ask: AdmissionAsk): Promise<AdmissionAnswer>;
  /** Its client has left before the answer: whatever comes of it is given back. */
  withdraw(job: string, reason: GatewayError): void;
  ended(job: string, how: JobEnd): void;
  /** What is held for a job that was never queued is free again; for jobs with `run`, which have no other end here. */
  release(job: string): void;
  /** Whether something is held for a job. */
  holds(job: string): boolean;
  /** Jobs that something is held for. */
  readonly open: number;
  close(): void;
}

export interface AdmissionClientOptions {
  readonly ingressId: string;
  readonly link: AdmissionLink;
  readonly newJobId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The leader ends a job that has used up what it may. */
  readonly onStop: (job: string, refusal: Refusal) => void;
}

const TICK_MS = 250;
const BEAT_MS = 1_000;
/** Beats go on for so long after the last job: a leader that missed its end finds it gone. */
const QUIET_BEATS = 15;

export function createAdmissionClient(options: AdmissionClientOptions): AdmissionClient {
  const { ingressId: ingress, link, now, onStop } = options;
  const tickets = createOpenTickets(now);
  const outbox = createAdmissionOutbox(ingress, link);
  const asks = createWaitingAsks({ ingress, link, outbox, now });
  const spares = createSpareTickets({
    ingress,
    send: link.send,
    onReady: tickets.open,
    onGone: tickets.drop,
    newJobId: options.newJobId,
    now,
  });
  let epoch = 0;
  let lastBeatAt = 0;
  let quietBeats = QUIET_BEATS;

  const beat = (): void => {
    lastBeatAt = now();
    const held = tickets.held();
    quietBeats = held.length > 0 ? 0 : quietBeats + 1;
    if (quietBeats > QUIET_BEATS) return;
    // the leader misses a job only after several beats without it, so a beat may come in parts
    for (let at = 0; at === 0 || at < held.length; at += MOST_IN_MESSAGE) {
      link.send({ type: 'beat', ingress, epoch, open: held.slice(at, at + MOST_IN_MESSAGE) });
    }
  };

  const take = (answer: AdmissionAnswer): void => {
    const ask = asks.answer(answer);
    if (!answer.admitted) return;
    if (ask !== undefined) {
      const { by, modelGroup, deadlineAt, acceptedAt, durable } = ask;
      tickets.open({ ...answer.ticket, by, modelGroup, deadlineAt, acceptedAt, ...(durable === true ? { durable } : {}) });
    }
    // else what is held for a running job has changed; what nobody knows of is given back
    else if (answer.durable !== true && !tickets.update(answer.ticket)) outbox.release(answer.job);
  };

  const onReply = (reply: AdmissionReply): void => {
    asks.heard();
    outbox.heard();
    if (reply.epoch < epoch) return;
    epoch = reply.epoch;
    if (reply.type === 'answers') for (const answer of reply.answers) take(answer);
    else if (reply.type === 'stop') for (const { job, refusal } of reply.jobs) onStop(job, refusal);
    else if (reply.type === 'spares') spares.given(reply);
    else if (reply.type === 'recall') spares.giveBack(reply.recall);
    else {
      spares.giveBack();
      quietBeats = 0;
      beat();
      asks.sendAgain();
    }
  };

  const tick = (): void => {
    asks.tick();
    spares.tick();
    for (const job of tickets.takeDue()) outbox.release(job);
    if (now() - lastBeatAt >= BEAT_MS) beat();
  };

  const stopListening = link.listen(onReply);
  const ticking = setInterval(tick, TICK_MS);

  return {
    ask(ask) {
      const spare = spares.take(ask);
      return spare === undefined ? asks.add(ask) : Promise.resolve(spare);
    },
    withdraw: asks.giveUp,
    ended: tickets.ended,
    release(job) {
      tickets.forget(job);
      outbox.release(job);
    },
    holds: tickets.holds,
    get open() {
      return tickets.size;
    },
    close() {
      stopListening();
      clearInterval(ticking);
      spares.giveBack();
      outbox.flush();
    },
  };
}
