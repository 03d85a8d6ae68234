import type { NatsConnection, PublishOptions } from '@nats-io/transport-node';
import type { BusLog } from './connect.ts';

/**
 * Messages that are sent close together leave in one write: a write to a socket costs more than everything else that is
 * done for a small message (measured: 25 to 30 % of a busy ingress or worker went into single writes).
 *
 * At low rates they leave at once (the client itself collects what one microtask sends). Above `BUSY_PER_MS` they are
 * collected for a millisecond, when waiting in line takes longer than that anyway.
 */
export interface Outbox {
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  flush(): void;
}

interface Letter {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly options: PublishOptions | undefined;
}

const BUSY_PER_MS = 1.5;
const COLLECT_MS = 1;
const RATE_WINDOW_MS = 20;

export function createOutbox(nc: NatsConnection, log: Pick<BusLog, 'warn'>): Outbox {
  const rate = createRate();
  let letters: Letter[] = [];
  const send = ({ subject, data, options }: Letter): void => {
    try {
      nc.publish(subject, data, options);
    } catch (error) {
      // too large, or no subject: nobody is there to catch it, and the letters behind it must leave
      log.warn({ err: error, subject, sizeBytes: data.length }, 'a message could not be sent');
    }
  };
  const sendNow = (letter: Letter): void => {
    rate.count(1);
    if (!nc.isClosed()) send(letter);
  };
  const flush = (): void => {
    const leaving = letters;
    letters = [];
    rate.count(leaving.length);
    if (nc.isClosed()) return;
    for (const letter of leaving) send(letter);
  };
  return {
    publish(subject, data, options) {
      const letter = { subject, data, options };
      if (letters.length === 0) {
        if (rate.perMs() <= BUSY_PER_MS) return sendNow(letter);
        setTimeout(flush, COLLECT_MS);
      }
      letters.push(letter);
    },
    flush,
  };
}

/** Messages per millisecond over the last whole window. */
function createRate(): { count(messages: number): void; perMs(): number } {
  let windowStart = performance.now();
  let inWindow = 0;
  let last = 0;
  return {
    count(messages) {
      inWindow += messages;
      const elapsedMs = performance.now() - windowStart;
      if (elapsedMs < RATE_WINDOW_MS) return;
      last = inWindow / elapsedMs;
      inWindow = 0;
      windowStart += elapsedMs;
    },
    perMs: () => last,
  };
}
