import type { Msg } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import { JOBS_STREAM } from '#contracts';
import { createAckMemory } from './ack-memory.ts';
import type { Bus } from './connect.ts';
import { type PulledJob, toPulledJob } from './pulled-job.ts';

/**
 * Raw pulls on one long-lived inbox. The client's own `consume()` is not used: with a slow handler it asks for more than
 * it can work on (measured: 13 messages stuck in one busy slot), and its callback mode took 25 jobs with a limit of 2.
 *
 * A pull asks for up to n messages and is open until it is filled, expires (408), is refused (409) or its connection ends.
 * `wanted` is the sum of what open pulls may still deliver; the owner keeps `running + wanted <= slots`.
 *
 *   ask(n) ──▶ open ──message──▶ open (one less) … ──▶ filled
 *                │ 408, 409, expiry passed by 2 s (the status got lost) ──▶ closed, `onRoom` tells the owner to ask again
 *                └ reconnect: every open pull is void, the server forgot them
 */
export interface JobPuller {
  /** Messages that open pulls may still deliver. */
  readonly wanted: number;
  ask(count: number): void;
  /** No more pulls. Messages that still arrive are handed to `onJob`; the owner gives them back. */
  stop(): void;
  close(): void;
}

export interface JobPullerOptions {
  readonly bus: Bus;
  readonly consumer: string;
  readonly onJob: (job: PulledJob) => void;
  /** A pull ended without filling up: ask again. */
  readonly onRoom: () => void;
  readonly onRefused: (reason: string) => void;
}

interface OpenPull {
  left: number;
  readonly expiresAt: number;
}

const PULL_EXPIRES_MS = 10_000;
const LOST_STATUS_GRACE_MS = 2_000;
const REFUSED_PAUSE_MS = 500;
const PENDING_HEADER = 'Nats-Pending-Messages';

export function createJobPuller(options: JobPullerOptions): JobPuller {
  const { bus } = options;
  const inbox = createInbox();
  const pulls = new Map<string, OpenPull>();
  const acks = createAckMemory(bus);
  let nextPull = 0;
  let stopped = false;

  const close = (id: string): void => {
    if (pulls.delete(id) && !stopped) options.onRoom();
  };

  const onMessage = (message: Msg): void => {
    const code = message.headers?.code ?? 0;
    const id = message.subject.slice(inbox.length + 1);
    // a delivered message keeps its own subject (jobs.…), so only statuses name the pull they end
    if (code > 0 && !message.reply?.startsWith('$JS.ACK')) return onStatus(id, code, message);
    release(pulls, 1);
    options.onJob(toPulledJob(message, acks));
  };

  const onStatus = (id: string, code: number, status: Msg): void => {
    if (code === 100) return;
    if (code === 404 || code === 408) return onExpired(id, Number(status.headers?.get(PENDING_HEADER) || 0));
    options.onRefused(`${code} ${status.headers?.description ?? ''}`);
    setTimeout(() => close(id), REFUSED_PAUSE_MS).unref();
  };

  const onExpired = (id: string, undelivered: number): void => {
    if (undelivered === 0) return close(id);
    release(pulls, undelivered);
    if (!stopped) options.onRoom();
  };

  const subscription = bus.nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) return;
      try {
        onMessage(message);
      } catch (thrown) {
        // thrown on, it would end the reading of the whole connection
        bus.log.warn({ err: thrown, subject: message.subject }, 'a pulled message could not be handled');
      }
    },
  });
  const forgetOnReconnect = bus.onReconnect(() => {
    pulls.clear();
    if (!stopped) options.onRoom();
  });
  const watchdog = setInterval(() => {
    const now = Date.now();
    for (const [id, pull] of pulls) {
      if (now <= pull.expiresAt + LOST_STATUS_GRACE_MS) continue;
      // not even an expiry: the server before 2.10 says nothing at all when the consumer is gone
      options.onRefused('no answer');
      close(id);
    }
  }, 1_000);

  return {
    get wanted() {
      let sum = 0;
      for (const pull of pulls.values()) sum += pull.left;
      return sum;
    },
    ask(count) {
      if (stopped || count <= 0 || bus.nc.isClosed()) return;
      const id = String(nextPull++);
      pulls.set(id, { left: count, expiresAt: Date.now() + PULL_EXPIRES_MS });
      requestNext(bus, options.consumer, `${inbox}.${id}`, count);
    },
    stop() {
      stopped = true;
    },
    close() {
      stopped = true;
      clearInterval(watchdog);
      forgetOnReconnect();
      acks.close();
      subscription.unsubscribe();
    },
  };
}

/** Takes `count` off the open pulls, oldest first. Which pull a message belonged to is not said, and only the sum matters. */
function release(pulls: Map<string, OpenPull>, count: number): void {
  let rest = count;
  for (const [id, pull] of pulls) {
    const part = Math.min(rest, pull.left);
    pull.left -= part;
    rest -= part;
    if (pull.left <= 0) pulls.delete(id);
    if (rest === 0) return;
  }
}

function requestNext(bus: Bus, consumer: string, reply: string, batch: number): void {
  const request = JSON.stringify({ batch, expires: PULL_EXPIRES_MS * 1e6 });
  bus.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${JOBS_STREAM}.${consumer}`, request, { reply });
}
