import type { NatsConnection, PublishOptions } from '@nats-io/transport-node';
import type { BusLog } from './connect.ts';

/**
 * Messages of one turn of the event loop leave in one write: a write to a socket costs more than everything else that is
 * done for a small message (measured: 25 to 30 % of a busy ingress or worker went into single writes). The end of the turn
 * comes at once in an idle process, and late in a busy one, which then has more to send.
 */
export interface Outbox {
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  flush(): void;
  /** Resolves when what was published so far has been written to the socket: it arrives even if this process is killed then. */
  departure(): Promise<void>;
}

interface Letter {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly options: PublishOptions | undefined;
}

export function createOutbox(nc: Pick<NatsConnection, 'publish' | 'isClosed'>, log: Pick<BusLog, 'warn'>): Outbox {
  let letters: Letter[] = [];
  let departed: PromiseWithResolvers<void> | undefined;
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
    if (!nc.isClosed()) for (const letter of leaving) send(letter);
    // the client writes in a microtask that is queued already: who waits goes on after it
    departed?.resolve();
    departed = undefined;
  };
  return {
    publish(subject, data, options) {
      if (letters.length === 0) setImmediate(flush);
      letters.push({ subject, data, options });
    },
    flush,
    departure() {
      if (letters.length === 0) return Promise.resolve();
      departed ??= Promise.withResolvers<void>();
      return departed.promise;
    },
  };
}
