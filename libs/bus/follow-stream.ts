import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';

export interface FollowedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly streamSeq: number;
  /** When the stream stored it, by the server's clock. Unix milliseconds. */
  readonly storedAt: number;
}

export interface StreamFollower {
  /** Resolves when everything has been told that was stored before this call of `followStream`. */
  readonly caughtUp: Promise<void>;
  /** Messages of the stream that are not told yet, by the last one's own word. */
  readonly behind: number;
  close(): void;
}

export interface FollowOptions {
  readonly stream: string;
  readonly filterSubject: string;
  /** Unix milliseconds by the server's clock; undefined: from the first message on. */
  readonly since?: number | undefined;
  /** Sequence of the last message that is known already; goes before `since`. */
  readonly after?: number | undefined;
  /** In order, each once, none left out. */
  readonly onMessage: (message: FollowedMessage) => void;
}

const HEARTBEAT_MS = 2_000;
/** Nothing for so long, not even a heartbeat: the server has forgotten who listens. */
const SILENCE_MS = 7_000;
const REOPEN_PAUSE_MS = 250;
const FORGOTTEN_AFTER_MS = 30_000;
const EPHEMERAL: Partial<ConsumerConfig> = {
  ack_policy: AckPolicy.None,
  max_deliver: 1,
  flow_control: true,
  idle_heartbeat: HEARTBEAT_MS * 1e6,
  inactive_threshold: FORGOTTEN_AFTER_MS * 1e6,
  mem_storage: true,
  num_replicas: 1,
};

/**
 * Every message of a stream from some time on, and then those that come, for one listener of its own: an ephemeral push consumer without acks,
 * told by callback. A gap in its numbers, a reconnect and silence each make a new one, which goes on after the last message told.
 */
export async function followStream(bus: Bus, options: FollowOptions): Promise<StreamFollower> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const last = await lastMessage(manager, options);
  const caughtUp = Promise.withResolvers<void>();
  let lastSeq = options.after ?? 0;
  let behind = 0;
  let closed = false;
  let generation = 0;
  let subscription: Subscription | undefined;
  let heardAt = performance.now();

  const isThere = (): boolean => last === undefined || lastSeq >= last.seq || (options.since ?? 0) > last.storedAt;
  const tell = (message: FollowedMessage, pending: number): void => {
    lastSeq = message.streamSeq;
    behind = pending;
    try {
      options.onMessage(message);
    } catch (error) {
      // in the client it would end the reading of the whole connection
      bus.log.warn({ err: error, subject: message.subject, streamSeq: message.streamSeq }, 'a message could not be handled');
    }
    if (isThere()) caughtUp.resolve();
  };
  const start = (): Partial<ConsumerConfig> => {
    if (lastSeq > 0) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: lastSeq + 1 };
    if (options.since === undefined) return { deliver_policy: DeliverPolicy.All };
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(options.since).toISOString() };
  };
  const open = async (): Promise<void> => {
    generation += 1;
    const mine = generation;
    subscription?.unsubscribe();
    const inbox = bus.newInbox();
    let expected = 1;
    heardAt = performance.now();
    subscription = bus.nc.subscribe(inbox, {
      callback: (error, message) => {
        if (error || mine !== generation || closed) return;
        heardAt = performance.now();
        const place = placeOf(message);
        if (place === undefined) return answerStatus(bus, message);
        if (place.consumerSeq !== expected) return reopen();
        expected += 1;
        tell({ subject: message.subject, data: message.data, streamSeq: place.streamSeq, storedAt: place.storedAt }, place.pending);
      },
    });
    await manager.consumers.add(options.stream, {
      ...EPHEMERAL,
      deliver_subject: inbox,
      filter_subject: options.filterSubject,
      ...start(),
    });
  };
  const reopen = (): void => {
    open().catch(() => {
      if (!closed && !bus.nc.isClosed()) setTimeout(reopen, REOPEN_PAUSE_MS).unref();
    });
  };
  const forget = bus.onReconnect(reopen);
  const watch = setInterval(() => {
    if (bus.connected && performance.now() - heardAt > SILENCE_MS) reopen();
  }, HEARTBEAT_MS);
  watch.unref();
  await open();
  if (isThere()) caughtUp.resolve();

  return {
    caughtUp: caughtUp.promise,
    get behind() {
      return behind;
    },
    close() {
      closed = true;
      clearInterval(watch);
      forget();
      subscription?.unsubscribe();
      caughtUp.resolve();
    },
  };
}

interface LastMessage {
  readonly seq: number;
  readonly storedAt: number;
}

async function lastMessage(manager: JetStreamManager, { stream, filterSubject }: FollowOptions): Promise<LastMessage | undefined> {
  try {
    const message = await manager.streams.getMessage(stream, { last_by_subj: filterSubject });
    return message === null ? undefined : { seq: message.seq, storedAt: message.time.getTime() };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === MESSAGE_NOT_FOUND) return undefined;
    throw error;
  }
}

const MESSAGE_NOT_FOUND = 10037;

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<streamSeq>.<consumerSeq>.<time in ns>.<pending>`; see `parseAckSubject`. */
function placeOf({ reply = '' }: Msg): { streamSeq: number; consumerSeq: number; storedAt: number; pending: number } | undefined {
  if (!reply.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 5 : 7;
  return {
    streamSeq: Number(tokens[at]),
    consumerSeq: Number(tokens[at + 1]),
    // whole milliseconds, as the stream's own word of its last message is read: a start in between would pass that by
    storedAt: Math.floor(Number(tokens[at + 2]) / 1e6),
    pending: Number(tokens[at + 3]),
  };
}

/** A request for flow control is answered, also the one that a heartbeat repeats: the server sends no more until then. */
function answerStatus(bus: Bus, message: Msg): void {
  const stalled = message.headers?.get('Nats-Consumer-Stalled');
  if (message.reply !== undefined && message.reply !== '') bus.nc.publish(message.reply);
  else if (stalled !== undefined && stalled !== '') bus.nc.publish(stalled);
}
