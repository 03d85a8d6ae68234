import type { Bus } from './connect.ts';
import type { AckSender } from './pulled-job.ts';

/**
 * Acks are core publishes and get lost around a reconnect. Waiting for the server's answer to each would cost a round trip
 * per job; instead the last few seconds' worth is kept and sent again after a reconnect. An ack lost all the same leads to
 * a redelivery that finds its outcome in EVENTS and settles.
 */
export interface AckMemory extends AckSender {
  close(): void;
}

const KEEP_MS = 5_000;

export function createAckMemory(bus: Bus): AckMemory {
  let recent: { subject: string; payload: Uint8Array }[] = [];
  let older: typeof recent = [];
  const send = (subject: string, payload: Uint8Array): void => {
    bus.outbox.publish(subject, payload);
  };
  const turn = setInterval(() => {
    older = recent;
    recent = [];
  }, KEEP_MS);
  const forget = bus.onReconnect(() => {
    for (const ack of [...older, ...recent]) send(ack.subject, ack.payload);
  });
  return {
    publish(subject, payload) {
      recent.push({ subject, payload });
      send(subject, payload);
    },
    close() {
      clearInterval(turn);
      forget();
    },
  };
}
