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
import type { FollowedMessage } from './follow-stream.ts';
import { parseAckSubject } from './pulled-job.ts';

export interface ReadMessage extends Omit<FollowedMessage, 'storedAt'> {
  /** Messages of the filter that are stored behind this one. */
  readonly behind: number;
}

export interface StreamReader {
  /** The next messages in order, each once, none left out; never empty until `close`. One caller at a time. */
  next(): Promise<readonly ReadMessage[]>;
  close(): void;
}

export interface StreamReaderOptions {
  readonly stream: string;
  readonly filterSubject: string;
  /** Sequence of the last message that is known already; 0 begins with the first. */
  readonly after: number;
  /** Names for a consumer of this reader, tried in their order: one that is taken is left to whoever has it. */
  readonly consumers: () => readonly string[];
}

/** Messages asked for at a time: twice as many are held at most. */
const BATCH = 500;
const EXPIRES_MS = 20_000;
/** A pull that ended without its status. */
const SILENCE_MS = 2_000;
const REOPEN_PAUSE_MS = 250;
/** No consumer outlives its reader by more. */
const FORGOTTEN_AFTER_MS = 60_000;
const WATCH_EVERY_MS = 1_000;
const CONSUMER_NOT_FOUND = 10014;
const NO_MESSAGES = 404;
const EXPIRED = 408;
const HEARTBEAT = 100;

/**
 * Reads a stream at the caller's pace: a pull consumer without acks, made for one filter that the server checks, so that a user who may read
 * a part of a stream can. A gap in its numbers, a reconnect and a pull without an end each make a new one behind the last message handed out.
 */
export async function openStreamReader(bus: Bus, options: StreamReaderOptions): Promise<StreamReader> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false, apiPrefix: bus.apiPrefix });
  const buffer = createBuffer();
  let lastSeq = options.after;
  let closed = false;
  let generation = 0;
  let link: { readonly consumer: string; readonly subscription: Subscription; readonly inbox: string } | undefined;
  let expected = 1;
  let left = 0;
  let expiresAt = 0;

  const ask = (): void => {
    if (closed || link === undefined || left > 0 || buffer.size >= BATCH || bus.nc.isClosed()) return;
    left = BATCH;
    expiresAt = performance.now() + EXPIRES_MS;
    const request = JSON.stringify({ batch: BATCH, expires: EXPIRES_MS * 1e6 });
    bus.nc.publish(`${bus.apiPrefix}.CONSUMER.MSG.NEXT.${options.stream}.${link.consumer}`, request, { reply: link.inbox });
  };
  const onStatus = (code: number): void => {
    if (code === HEARTBEAT) return;
    left = 0;
    if (code === NO_MESSAGES || code === EXPIRED) ask();
    else setTimeout(reopen, REOPEN_PAUSE_MS).unref();
  };
  const receive = (message: Msg): void => {
    const reply = message.reply ?? '';
    if (!reply.startsWith('$JS.ACK.')) return onStatus(message.headers?.code ?? 0);
    const { streamSeq, consumerSeq, pending } = parseAckSubject(reply);
    if (consumerSeq !== expected) return reopen();
    expected += 1;
    left -= 1;
    lastSeq = streamSeq;
    buffer.add({ subject: message.subject, data: message.data, streamSeq, behind: pending });
    if (left === 0) ask();
  };
  const leave = (): void => {
    link?.subscription.unsubscribe();
    if (link && !bus.nc.isClosed()) manager.consumers.delete(options.stream, link.consumer).catch(() => undefined);
    link = undefined;
  };
  const open = async (): Promise<void> => {
    generation += 1;
    const mine = generation;
    leave();
    left = 0;
    expected = 1;
    const inbox = bus.newInbox();
    const consumer = await createConsumer(manager, { ...options, after: lastSeq });
    if (closed || mine !== generation) return;
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null && mine === generation && !closed) receive(message);
    };
    link = { consumer, inbox, subscription: bus.nc.subscribe(inbox, { callback }) };
    ask();
  };
  const reopen = (): void => {
    if (closed || bus.nc.isClosed()) return;
    open().catch(() => setTimeout(reopen, REOPEN_PAUSE_MS).unref());
  };
  const forget = bus.onReconnect(reopen);
  const watch = setInterval(() => {
    if (bus.connected && left > 0 && performance.now() > expiresAt + SILENCE_MS) reopen();
  }, WATCH_EVERY_MS);
  watch.unref();
  const close = (): void => {
    if (closed) return;
    closed = true;
    clearInterval(watch);
    forget();
    leave();
    buffer.end();
  };
  await open().catch((error: unknown) => {
    close();
    throw error;
  });
  return {
    async next() {
      const messages = await buffer.take();
      ask();
      return messages;
    },
    close,
  };
}

/** What has come and is not handed out. */
function createBuffer() {
  let messages: ReadMessage[] = [];
  let ended = false;
  let wake = (): void => undefined;
  return {
    get size() {
      return messages.length;
    },
    add(message: ReadMessage): void {
      messages.push(message);
      // what comes in one piece is handed out in one
      if (messages.length === 1) setImmediate(() => wake());
    },
    async take(): Promise<readonly ReadMessage[]> {
      while (messages.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const taken = messages;
      messages = [];
      return taken;
    },
    end(): void {
      ended = true;
      wake();
    },
  };
}

const READER: Partial<ConsumerConfig> = {
  ack_policy: AckPolicy.None,
  inactive_threshold: FORGOTTEN_AFTER_MS * 1e6,
  mem_storage: true,
  num_replicas: 1,
};

/** The first of the names that is free. Throws the server's refusal, or that all are taken. */
async function createConsumer(
  manager: JetStreamManager,
  { stream, filterSubject, after, consumers }: StreamReaderOptions,
): Promise<string> {
  for (const name of consumers()) {
    if (await exists(manager, stream, name)) continue;
    const config = {
      ...READER,
      name,
      filter_subject: filterSubject,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
    };
    await manager.consumers.add(stream, config);
    return name;
  }
  throw new Error(`all consumers that may read ${filterSubject} are in use`);
}

async function exists(manager: JetStreamManager, stream: string, name: string): Promise<boolean> {
  try {
    await manager.consumers.info(stream, name);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return false;
    throw error;
  }
}
