import { errors, RequestError } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';

/** Core messages: at most once, in order per publisher and subject, lost around a reconnect. */
export interface CoreMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Answers a request; does nothing for a plain message. */
  respond(data: Uint8Array): void;
}

export function publishCore(bus: Bus, subject: string, data: Uint8Array): void {
  bus.outbox.publish(subject, data);
}

/** Resolves when all that was published so far has left this process: what follows can't be known to anybody before it. */
export function departureOf(bus: Bus): Promise<void> {
  return bus.outbox.departure();
}

/**
 * Calls the handler for every message, in order, without a hop through an iterator. Returns its own end.
 * Of those with the same `queue` one gets each message. What a handler throws is logged: in the client it would end the reading of the whole connection, which then stays open and deaf.
 */
export function subscribeCore(
  bus: Bus,
  subject: string,
  handler: (message: CoreMessage) => void,
  options: { readonly queue?: string } = {},
): () => void {
  const subscription = bus.nc.subscribe(subject, {
    ...options,
    callback: (error, message) => {
      if (error) return;
      try {
        handler({ subject: message.subject, data: message.data, respond: (data) => void message.respond(data) });
      } catch (thrown) {
        bus.log.warn({ err: thrown, subject: message.subject }, 'a message could not be handled');
      }
    },
  });
  return () => subscription.unsubscribe();
}

export type Answer = { readonly kind: 'answer'; readonly data: Uint8Array } | { readonly kind: 'nobody' } | { readonly kind: 'timeout' };

/** A request whose failure is an ordinary case: nobody listens, or nobody answers in time. */
export async function requestCore(bus: Bus, subject: string, data: Uint8Array, options: { timeoutMs: number }): Promise<Answer> {
  try {
    const message = await bus.nc.request(subject, data, { timeout: options.timeoutMs });
    return { kind: 'answer', data: message.data };
  } catch (error) {
    if (isNobody(error)) return { kind: 'nobody' };
    return { kind: 'timeout' };
  }
}

function isNobody(error: unknown): boolean {
  return error instanceof errors.NoRespondersError || (error instanceof RequestError && error.isNoResponders());
}

/** All answers that come: the last one is waited for until nothing comes for `quietMs`, and at most `timeoutMs`. None when nobody listens. */
export async function requestAll(
  bus: Bus,
  subject: string,
  data: Uint8Array,
  options: { readonly timeoutMs: number; readonly quietMs: number },
): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = [];
  try {
    const limits = { strategy: 'stall', stall: options.quietMs, maxWait: options.timeoutMs } as const;
    for await (const reply of await bus.nc.requestMany(subject, data, limits)) if (reply.data.length > 0) answers.push(reply.data);
  } catch {
    // nobody listens, or the connection is away: then there is nothing to add
  }
  return answers;
}
