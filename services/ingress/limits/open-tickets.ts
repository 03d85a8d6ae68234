import type { OpenTicket, Ticket } from '#contracts';
import { ChurnMap } from '#runtime';

/**
 * What is held for the jobs of this ingress.
 *
 * open ──ended with an outcome──▶ forgotten: its event settles it at the leader
 *   └──ended without one──▶ closing ──▶ to be released
 *
 * A durable one is the leader's to keep. It is told of for a few seconds all the same: a leader that dies may not have stored it.
 */
export interface OpenTickets {
  open(ticket: OpenTicket): void;
  /** What is held for an open job has changed. False for one that nothing is known of. */
  update(ticket: Ticket): boolean;
  ended(job: string, how: JobEnd): void;
  /** Its job never came. */
  drop(job: string): void;
  /** Nothing is to be held for it any more. */
  forget(job: string): void;
  /** Jobs that no outcome has come of in time. They are forgotten. */
  takeDue(): readonly string[];
  /** All that may still be held. */
  held(): readonly OpenTicket[];
  holds(job: string): boolean;
  /** Open ones. */
  readonly size: number;
}

export interface JobEnd {
  /** Its worker has stored an outcome. */
  readonly settled: boolean;
  /** One may still come: a call was under way. */
  readonly started: boolean;
}

/** A queued job that was cancelled may have been handed out in that moment: then its worker tells within this time that it began. */
const UNSTARTED_RELEASE_MS = 250;
/** A call that was cancelled ends in an outcome. When its worker is dead, none comes. */
const STARTED_RELEASE_MS = 6_000;
/** A leader stores what it holds every second, and another one has the lead within a few. */
const DURABLE_TOLD_MS = 8_000;

export function createOpenTickets(now: () => number): OpenTickets {
  const open = new ChurnMap<OpenTicket>();
  const durable = new Map<string, { readonly ticket: OpenTicket; readonly until: number }>();
  const closing = new Map<string, { readonly ticket: OpenTicket; readonly until: number }>();
  return {
    open(ticket) {
      if (ticket.durable === true) durable.set(ticket.job, { ticket, until: now() + DURABLE_TOLD_MS });
      else open.set(ticket.job, ticket);
    },
    update(ticket) {
      const known = open.get(ticket.job);
      if (known !== undefined) open.set(ticket.job, { ...known, ...ticket });
      return known !== undefined || closing.has(ticket.job);
    },
    ended(job, { settled, started }) {
      const ticket = open.get(job);
      if (ticket === undefined) return;
      open.delete(job);
      if (!settled) closing.set(job, { ticket, until: now() + (started ? STARTED_RELEASE_MS : UNSTARTED_RELEASE_MS) });
    },
    drop: (job) => void open.delete(job),
    forget: (job) => void durable.delete(job),
    takeDue() {
      for (const [job, { until }] of durable) {
        // in the order of their times
        if (until > now()) break;
        durable.delete(job);
      }
      const due = [...closing].flatMap(([job, { until }]) => (until <= now() ? [job] : []));
      for (const job of due) closing.delete(job);
      return due;
    },
    held: () => [...open.values(), ...[...closing.values(), ...durable.values()].map(({ ticket }) => ticket)],
    holds: (job) => open.get(job) !== undefined,
    get size() {
      return open.size;
    },
  };
}
