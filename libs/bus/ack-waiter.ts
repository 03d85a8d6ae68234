import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { ChurnMap } from '#runtime';
import type { Outbox } from './outbox.ts';

/** JetStream's answer to a publish: where the message is stored, or why it is not. */
export interface PublishAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

/** No answer came: the stream has no leader at the moment, or the message or its answer got lost. */
export class NoPublishAnswer extends Error {
  override readonly name = 'NoPublishAnswer';
}

/**
 * Publishes that wait for JetStream's answer, all on one inbox. The client's own `request` makes an Error, a timer and a
 * race of promises for each call (measured: 5 % of a busy worker's time); here one sweep looks after all that wait.
 */
export interface AckWaiter {
  publish(subject: string, data: Uint8Array, headers: MsgHdrs): Promise<PublishAnswer>;
  /** The link was away: what has not been answered will not be. */
  giveUp(): void;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: PublishAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly until: number;
}

const SWEEP_MS = 250;
const NO_RESPONDERS = 503;

export interface AckWaiterOptions {
  readonly timeoutMs: number;
  /** Of this waiter alone. */
  readonly inbox: string;
}

export function createAckWaiter(nc: NatsConnection, outbox: Outbox, options: AckWaiterOptions): AckWaiter {
  const { timeoutMs } = options;
  const inbox = `${options.inbox}.`;
  /** In the order of their time limits, for all wait equally long. */
  const waiting = new ChurnMap<Waiting>();
  let next = 0;

  const onAnswer = (message: Msg): void => {
    const token = message.subject.slice(inbox.length);
    const waiter = waiting.get(token);
    if (!waiter) return;
    waiting.delete(token);
    if (message.headers?.code === NO_RESPONDERS) waiter.reject(new NoPublishAnswer('the stream has no leader'));
    else answer(waiter, message);
  };
  const subscription = nc.subscribe(`${inbox}*`, {
    callback: (error, message) => {
      if (!error) onAnswer(message);
    },
  });
  const rejectWhile = (condition: (waiter: Waiting) => boolean, reason: string): void => {
    for (const [token, waiter] of waiting.entries()) {
      if (!condition(waiter)) return;
      waiting.delete(token);
      waiter.reject(new NoPublishAnswer(reason));
    }
  };
  const sweep = setInterval(() => {
    const now = performance.now();
    rejectWhile((waiter) => waiter.until < now, 'no answer in time');
  }, SWEEP_MS);

  return {
    publish(subject, data, headers) {
      const token = (next++).toString(36);
      return new Promise((resolve, reject) => {
        waiting.set(token, { resolve, reject, until: performance.now() + timeoutMs });
        outbox.publish(subject, data, { reply: inbox + token, headers });
      });
    },
    giveUp: () => rejectWhile(() => true, 'the connection was lost'),
    close() {
      clearInterval(sweep);
      subscription.unsubscribe();
      rejectWhile(() => true, 'the connection was closed');
    },
  };
}

/** What can't be read is no answer: thrown in a callback of the client, it would end the reading of the whole connection. */
function answer(waiter: Waiting, message: Msg): void {
  try {
    waiter.resolve(parseAnswer(message));
  } catch (error) {
    waiter.reject(new NoPublishAnswer('the answer can’t be read', { cause: error }));
  }
}

function parseAnswer(message: Msg): PublishAnswer {
  return JSON.parse(Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength).toString()) as PublishAnswer;
}
