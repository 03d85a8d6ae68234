import type { NatsConnection, PublishOptions } from '@nats-io/transport-node';

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

export function createOutbox(nc: NatsConnection): Outbox {
  let letters: Letter[] = [];
  const flush = (): void => {
    const leaving = letters;
    letters = [];
    if (nc.isClosed()) return;
    for (const { subject, data, options } of leaving) nc.publish(subject, data, options);
  };
  return {
    publish(subject, data, options) {
      if (letters.length === 0) setImmediate(flush);
      letters.push({ subject, data, options });
    },
    flush,
  };
}
