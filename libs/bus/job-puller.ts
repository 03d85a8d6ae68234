import type { Msg, Subscription } from '@nats-io/transport-node';
import { JOBS_STREAM } from '#contracts';
import { type AckMemory, createAckMemory } from './ack-memory.ts';
import type { Bus } from './connect.ts';
import { createOpenPulls, type OpenPull, type OpenPulls } from './open-pulls.ts';
import { type PulledJob, toPulledJob } from './pulled-job.ts';

/**
 * Raw pulls on one long-lived inbox. The client's own `consume()` is not used: with a slow handler it asks for more than
 * it can work on (measured: 13 messages stuck in one busy slot), and its callback mode took 25 jobs with a limit of 2.
 *
 * A pull asks for up to n messages and is open until it is filled, expires (408), is refused (409) or its connection ends.
 * `wanted` is the sum of what open pulls may still deliver; the owner keeps `running + wanted <= slots`.
 *
 * `tryOne` asks for a job that is there already: a pull that never waits, so a worker with one free slot can go from queue to queue.
 *
 *   ask(n) ──▶ open ──message──▶ open (one less) … ──▶ filled
 *                │ 408, 409, expiry passed by 2 s (the status got lost) ──▶ closed, `onRoom` tells the owner to ask again
 *                └ reconnect: every open pull is void, the server forgot them
 */
export interface JobPuller {
  /** Messages that open pulls may still deliver. */
  readonly wanted: number;
  /** Those of them that `tryOne` asked for and that will be answered in a moment: not those whose answer is overdue. */
  readonly trying: number;
  ask(count: number): void;
  /** Asks for one job that is waiting now; `onEmpty` when there is none. */
  tryOne(): void;
  /**
   * No more pulls, and those that are open are taken back. Resolves when nothing more can come: what the server had sent until then is
   * handed to `onJob`.
   */
  stop(): Promise<void>;
  close(): void;
}

export interface JobPullerOptions {
  readonly bus: Bus;
  /** JOBS unless given. */
  readonly stream?: string | undefined;
  readonly consumer: string;
  readonly onJob: (job: PulledJob) => void;
  /** A pull ended without filling up: ask again. */
  readonly onRoom: () => void;
  readonly onRefused: (reason: string) => void;
  /** How long a pull stays open; 10 s unless given. */
  readonly expiresMs?: number | undefined;
  /** Nothing was waiting when `tryOne` asked. Called before `onRoom`. */
  readonly onEmpty?: (() => void) | undefined;
  /** A pull expired, and so many of its messages had not come (0: the server does not say). Called before `onRoom`. */
  readonly onUnfilled?: ((count: number) => void) | undefined;
}

const PULL_EXPIRES_MS = 10_000;
const LOST_STATUS_GRACE_MS = 2_000;
/**
 * The server answers a pull that does not wait at once, with one exception: it keeps a pull for which there was a message that is deleted
 * before it is delivered (2.9; seen after 200 clients had left at once). Such a pull gets the next message that comes. So a try that
 * was not answered in 50 ms is no longer counted on, and one not answered in a second is taken for lost.
 */
const TRY_ANSWER_MS = 50;
const TRY_EXPIRES_MS = 1_000;
const REFUSED_PAUSE_MS = 500;
const PENDING_HEADER = 'Nats-Pending-Messages';

export function createJobPuller(options: JobPullerOptions): JobPuller {
  const { bus, expiresMs = PULL_EXPIRES_MS } = options;
  const inbox = bus.newInbox();
  const pulls = createOpenPulls();
  const acks = createAckMemory(bus);
  let stopped = false;
  const onRoom = (): void => {
    if (!stopped) options.onRoom();
  };
  const answers = createAnswerReader(options, { pulls, acks, idAt: inbox.length + 1, onRoom });
  const subscription = listen(bus, `${inbox}.*`, answers.read);
  const forgetOnReconnect = bus.onReconnect(() => {
    pulls.clear();
    onRoom();
  });
  // not even an expiry: the server before 2.10 says nothing at all when the consumer is gone
  const stopWatching = watchForSilence(pulls, (id) => {
    options.onRefused('no answer');
    answers.close(id);
  });
  const open = (pull: OpenPull, request: object): void => {
    if (stopped || pull.left <= 0 || bus.nc.isClosed()) return;
    requestNext(options, `${inbox}.${pulls.open(pull)}`, request);
  };

  return {
    get wanted() {
      return pulls.wanted;
    },
    get trying() {
      return pulls.trying;
    },
    ask(count) {
      open({ left: count, expiresAt: Date.now() + expiresMs }, { batch: count, expires: expiresMs * 1e6 });
    },
    tryOne() {
      const now = Date.now();
      const pull = { left: 1, answerBy: now + TRY_ANSWER_MS, expiresAt: now + TRY_EXPIRES_MS - LOST_STATUS_GRACE_MS };
      open(pull, { batch: 1, no_wait: true });
    },
    async stop() {
      stopped = true;
      // the server drops pulls that nobody listens for; it answers behind what it had sent before
      if (!bus.nc.isClosed() && !subscription.isClosed()) await subscription.drain().catch(() => undefined);
      pulls.clear();
    },
    close() {
      stopped = true;
      stopWatching();
      forgetOnReconnect();
      acks.close();
      subscription.unsubscribe();
    },
  };
}

interface AnswerReaderContext {
  readonly pulls: OpenPulls;
  readonly acks: AckMemory;
  /** Where in a status's subject the pull's id begins. */
  readonly idAt: number;
  readonly onRoom: () => void;
}

/** What the server sends for pulls: jobs, and how pulls ended. */
function createAnswerReader(options: JobPullerOptions, { pulls, acks, idAt, onRoom }: AnswerReaderContext) {
  const close = (id: string): void => {
    if (pulls.close(id)) onRoom();
  };

  const readStatus = (id: string, code: number, status: Msg): void => {
    if (code === 100) return;
    if (code === 404 || code === 408) return readExpiry(id, Number(status.headers?.get(PENDING_HEADER) || 0));
    options.onRefused(`${code} ${status.headers?.description ?? ''}`);
    setTimeout(() => close(id), REFUSED_PAUSE_MS).unref();
  };

  const readExpiry = (id: string, undelivered: number): void => {
    if (pulls.isTry(id)) {
      options.onEmpty?.();
      return close(id);
    }
    options.onUnfilled?.(undelivered);
    if (undelivered === 0) return close(id);
    pulls.release(undelivered);
    onRoom();
  };

  const read = (message: Msg): void => {
    const code = message.headers?.code ?? 0;
    // a delivered message keeps its own subject (jobs.…), so only statuses name the pull they end
    if (code > 0 && !message.reply?.startsWith('$JS.ACK')) return readStatus(message.subject.slice(idAt), code, message);
    pulls.release(1);
    options.onJob(toPulledJob(message, acks));
  };

  return { read, close };
}

function listen({ nc, log }: Bus, subject: string, read: (message: Msg) => void): Subscription {
  return nc.subscribe(subject, {
    callback: (error, message) => {
      if (error) return;
      try {
        read(message);
      } catch (thrown) {
        // thrown on, it would end the reading of the whole connection
        log.warn({ err: thrown, subject: message.subject }, 'a pulled message could not be handled');
      }
    },
  });
}

/** Pulls whose end should have been told by now. */
function watchForSilence(pulls: OpenPulls, onSilent: (id: string) => void): () => void {
  const timer = setInterval(() => {
    for (const id of pulls.expiredBy(Date.now() - LOST_STATUS_GRACE_MS)) onSilent(id);
  }, 1_000);
  return () => clearInterval(timer);
}

function requestNext({ bus, stream = JOBS_STREAM, consumer }: JobPullerOptions, reply: string, request: object): void {
  bus.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), { reply });
}
