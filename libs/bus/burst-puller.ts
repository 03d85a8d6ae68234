import type { Bus } from './connect.ts';

/**
 * Pull requests that fetch messages in bursts. A pull that stays open has each message delivered by itself, which wakes the
 * receiver and the server for every one of them; so no more is asked for than is there: each message says how many follow it.
 *
 *   ask for 1 ──message, n follow──▶ ask for n ──messages──▶ few follow: `onBurst`, pause ▶ ask for 1
 *                                       ▲                       │ more than half as many follow
 *                                       └───────────────────────┘
 *
 * A message that was delivered before is the first of those that a killed receiver held, and they are not counted: all there is
 * room for is asked for then. An expiry (408) or one that passed by 2 s (the status got lost) ▶ ask for 1. Refused (409, 503:
 * consumer gone, leader changes) ▶ `onRefused`, and `restart` is the owner's. At most one pull is open.
 *
 * Pulls of 5 ms, which fetch what is there and expire, were tried: after 20 kills of accounting the ledger had not caught up in a
 * minute. The probable cause is nats-server 2.9, which mishandles a redelivery while only expired pulls wait.
 */
export interface BurstPuller {
  /** There is room again. */
  ask(): void;
  /** A message has been delivered, for the nth time; so many follow it in the stream. */
  delivered(message: { readonly delivery: number; readonly pending: number }): void;
  /** A status came for the pull of that id. */
  status(id: string, code: number): void;
  /** Whatever was open is void: the server forgot it, or refused it. */
  restart(): void;
  stop(): void;
}

export interface BurstPullerOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly consumer: string;
  /** Replies go to `<inbox>.<id>`. */
  readonly inbox: string;
  readonly everyMs: number;
  /** How many messages may be asked for now. */
  readonly room: () => number;
  /** All that had gathered is here; nothing more comes for `everyMs`. */
  readonly onBurst: () => void;
  readonly onRefused: () => void;
}

interface OpenPull {
  readonly id: string;
  readonly asked: number;
  left: number;
  readonly expiresAt: number;
  /** By the server; the pause before the next one is under way. */
  refused: boolean;
}

const PULL_EXPIRES_MS = 20_000;
const LOST_STATUS_GRACE_MS = 2_000;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const HEARTBEAT = 100;

export function createBurstPuller(options: BurstPullerOptions): BurstPuller {
  const { bus, everyMs } = options;
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
  let pull: OpenPull | undefined;
  let pause: NodeJS.Timeout | undefined;
  /** What the next pull asks for, as far as there is room. */
  let wanted = 1;
  let nextId = 0;
  let stopped = false;

  const ask = (): void => {
    const batch = Math.min(wanted, options.room());
    if (stopped || pull || pause || batch <= 0 || bus.nc.isClosed()) return;
    pull = { id: String(nextId++), asked: batch, left: batch, expiresAt: Date.now() + PULL_EXPIRES_MS, refused: false };
    bus.nc.publish(subject, JSON.stringify({ batch, expires: PULL_EXPIRES_MS * 1e6 }), { reply: `${options.inbox}.${pull.id}` });
  };
  const askFor = (count: number): void => {
    pull = undefined;
    wanted = count;
    ask();
  };
  const endBurst = (): void => {
    options.onBurst();
    pause ??= setTimeout(() => {
      pause = undefined;
      ask();
    }, everyMs);
    askFor(1);
  };
  const restart = (): void => {
    clearTimeout(pause);
    pause = undefined;
    askFor(1);
  };
  const watchdog = setInterval(() => {
    if (pull && Date.now() > pull.expiresAt + LOST_STATUS_GRACE_MS) restart();
  }, 1_000);

  return {
    ask,
    delivered({ delivery, pending }) {
      if (!pull) return;
      pull.left -= 1;
      if (pull.left > 0) return;
      if (delivery > 1) askFor(Infinity);
      else if (pending > pull.asked / 2) askFor(pending);
      else endBurst();
    },
    status(id, code) {
      if (id !== pull?.id || pull.refused || code === HEARTBEAT) return;
      if (code === NO_MESSAGES || code === EXPIRED) return restart();
      pull.refused = true;
      options.onRefused();
    },
    restart,
    stop() {
      stopped = true;
      clearTimeout(pause);
      clearInterval(watchdog);
    },
  };
}
