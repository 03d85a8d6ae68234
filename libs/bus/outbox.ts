import type { NatsConnection, PublishOptions } from '@nats-io/transport-node';
import type { BusLog } from './connect.ts';

/**
 * Messages of one turn of the event loop leave in one write. The client itself collects per microtask, which under load is
 * one write per message, for every socket that has something to read is a turn of its own for it.
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

export function createOutbox(nc: NatsConnection, log: Pick<BusLog, 'warn'>): Outbox {
  let letters: Letter[] = [];
  const send = ({ subject, data, options }: Letter): void => {
    try {
      nc.publish(subject, data, options);
    } catch (error) {
      // too large, or no subject: nobody is there to catch it, and the letters behind it must leave
      log.warn({ err: error, subject, sizeBytes: data.length }, 'a message could not be sent');
    }
  };
  const flush = (): void => {
    const leaving = letters;
    letters = [];
    if (nc.isClosed()) return;
    for (const letter of leaving) send(letter);
  };
  return {
    publish(subject, data, options) {
      if (letters.length === 0) setImmediate(flush);
      letters.push({ subject, data, options });
    },
    flush,
  };
}
