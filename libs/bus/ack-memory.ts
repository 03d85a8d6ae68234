import type { Bus } from './connect.ts';
import type { AckSender } from './pulled-job.ts';

/**
 * Acks are core publishes and get lost around a reconnect. Waiting for the server's answer to each would cost a round trip
 * per job; instead the last few seconds' worth is kept and sent again after a reconnect. An ack lost all the same leads to
 * a redelivery that finds its outcome in EVENTS and settles.
 *
 * Nobody waits for an ack, so those of 25 ms leave in one write.
 */
export interface AckMemory extends AckSender {
  close(): void;
}

const KEEP_MS = 5_000;
const COLLECT_MS = 25;

export function createAckMemory(bus: Bus): AckMemory {
  let recent: Ack[] = [];
  let older: Ack[] = [];
  let leaving: Ack[] = [];
  const send = (acks: readonly Ack[]): void => {
    for (const ack of acks) bus.outbox.publish(ack.subject, ack.payload);
  };
  const flush = (): void => {
    send(leaving);
    leaving = [];
  };
  const turn = setInterval(() => {
    older = recent;
    recent = [];
  }, KEEP_MS);
  const forget = bus.onReconnect(() => send([...older, ...recent]));
  return {
    publish(subject, payload) {
      const ack = { subject, payload };
      recent.push(ack);
      leaving.push(ack);
      if (leaving.length === 1) setTimeout(flush, COLLECT_MS);
    },
    close() {
      flush();
      clearInterval(turn);
      forget();
    },
  };
}

interface Ack {
  readonly subject: string;
  readonly payload: Uint8Array;
}
