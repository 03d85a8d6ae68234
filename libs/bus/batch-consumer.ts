import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import { createInbox, type Msg } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';
import { parseAckSubject } from './pulled-job.ts';
import { ensureConsumer } from './topology.ts';

/** A stored message in the hands of one consumer: delivered, not acknowledged. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly streamSeq: number;
  /** 1 for the first delivery. */
  readonly delivery: number;
  /** Done with it. Fire and forget: one that is lost means a redelivery after the ack wait. */
  ack(): void;
}

export interface BatchConsumer {
  /** The next messages, oldest first; never empty until the consumer has been stopped. One caller at a time. */
  next(): Promise<readonly StreamMessage[]>;
  /** Messages of the stream that are not yet acknowledged. One request to the server; rejects while it is away. */
  lag(): Promise<number>;
  /** No more pulls: `next` hands out what has arrived, then empty batches. What comes later goes back at once. */
  stop(): void;
  /** Ends it; acks given before are on their way when this resolves. */
  close(): Promise<void>;
}

export interface BatchConsumerOptions {
  readonly stream: string;
  /** Durable; created when it is missing. Replicas that name the same one share the messages. */
  readonly consumer: string;
  readonly filterSubject: string;
  readonly maxMessages: number;
  /** How long the first message of a batch waits for company. */
  readonly lingerMs: number;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
}

interface OpenPull {
  /** Empty once the server has refused it: the pause before the next one is under way. */
  id: string;
  left: number;
  readonly expiresAt: number;
}

const PULL_EXPIRES_MS = 20_000;
const LOST_STATUS_GRACE_MS = 2_000;
const REFUSED_PAUSE_MS = 500;
const NAK = new TextEncoder().encode('-NAK');
const ACK = new TextEncoder().encode('+ACK');

/**
 * Batches from a durable consumer by raw pulls on one inbox: the client's `fetch()` waits a full second at least, and
 * leaving it early strands what is under way until the ack wait is over.
 *
 * At most one pull is open and it is asked for only while fewer than `maxMessages` wait in the buffer, so that memory is
 * bounded by two batches however long the caller takes, and the next batch arrives while the last one is worked on.
 *
 *   idle ──pull──▶ open ──messages──▶ filled ▶ idle
 *                   │ 404, 408, or its expiry passed by 2 s (the status got lost) ▶ idle
 *                   │ 409, 503 (consumer gone, leader changes) ▶ consumer ensured, pause ▶ idle
 *                   └ reconnect: the server forgot it ▶ idle
 */
export async function openBatchConsumer(bus: Bus, options: BatchConsumerOptions): Promise<BatchConsumer> {
  await ensureBatchConsumer(bus, options);
  const inbox = createInbox();
  const respond = (reply: string, payload: Uint8Array): void => {
    if (!bus.nc.isClosed()) bus.nc.publish(reply, payload);
  };
  const batches = createBatcher(options);
  let pull: OpenPull | undefined;
  let nextPull = 0;
  let stopped = false;

  const ask = (): void => {
    if (stopped || pull || batches.size() >= options.maxMessages || bus.nc.isClosed()) return;
    pull = { id: String(nextPull++), left: options.maxMessages, expiresAt: Date.now() + PULL_EXPIRES_MS };
    const request = JSON.stringify({ batch: options.maxMessages, expires: PULL_EXPIRES_MS * 1e6 });
    bus.nc.publish(nextSubject(options), request, { reply: `${inbox}.${pull.id}` });
  };

  const askAgain = (): void => {
    pull = undefined;
    ask();
  };

  const recover = async (): Promise<void> => {
    await ensureBatchConsumer(bus, options).catch(() => undefined);
    setTimeout(askAgain, REFUSED_PAUSE_MS).unref();
  };

  const onStatus = (id: string, code: number): void => {
    if (id !== pull?.id || code === 100) return;
    if (code === 404 || code === 408) return askAgain();
    pull.id = '';
    void recover();
  };

  const onMessage = (message: Msg): void => {
    const code = message.headers?.code ?? 0;
    const reply = message.reply ?? '';
    if (!reply.startsWith('$JS.ACK.')) return onStatus(message.subject.slice(inbox.length + 1), code);
    if (stopped) return respond(reply, NAK);
    if (pull && --pull.left <= 0) pull = undefined;
    batches.add({
      subject: message.subject,
      data: message.data,
      ...parseAckSubject(reply),
      ack: () => respond(reply, ACK),
    });
    ask();
  };

  const subscription = bus.nc.subscribe(`${inbox}.*`, { callback: (error, message) => (error ? undefined : onMessage(message)) });
  const forgetOnReconnect = bus.onReconnect(askAgain);
  const watchdog = setInterval(() => {
    if (pull && Date.now() > pull.expiresAt + LOST_STATUS_GRACE_MS) askAgain();
  }, 1_000);
  const stop = (): void => {
    stopped = true;
    batches.end();
  };
  ask();

  return {
    async next() {
      const batch = await batches.take();
      ask();
      return batch;
    },
    lag: () => readLag(bus, options),
    stop,
    async close() {
      stop();
      clearInterval(watchdog);
      forgetOnReconnect();
      subscription.unsubscribe();
      if (bus.connected && !bus.nc.isClosed()) await bus.nc.flush();
    },
  };
}

interface Batcher {
  size(): number;
  add(message: StreamMessage): void;
  take(): Promise<readonly StreamMessage[]>;
  end(): void;
}

/** Collects until the batch is full or its first message has waited `lingerMs`, whichever is first. */
function createBatcher(options: { maxMessages: number; lingerMs: number }): Batcher {
  let buffer: StreamMessage[] = [];
  let ripe = false;
  let ended = false;
  let linger: NodeJS.Timeout | undefined;
  let wake = (): void => undefined;
  const ripen = (): void => {
    clearTimeout(linger);
    linger = undefined;
    ripe = true;
    wake();
  };
  return {
    size: () => buffer.length,
    add(message) {
      buffer.push(message);
      if (buffer.length >= options.maxMessages) ripen();
      else linger ??= setTimeout(ripen, options.lingerMs);
    },
    async take() {
      // a timer may ripen a buffer that was handed out meanwhile: an empty batch would read as the end
      while (!ended && (!ripe || buffer.length === 0)) await new Promise<void>((resolve) => (wake = resolve));
      clearTimeout(linger);
      linger = undefined;
      const batch = buffer.slice(0, options.maxMessages);
      buffer = buffer.slice(options.maxMessages);
      // what is left over has waited long enough; after `end` nothing waits any more
      ripe = ended || buffer.length > 0;
      return batch;
    },
    end() {
      ended = true;
      ripen();
    },
  };
}

function nextSubject(options: BatchConsumerOptions): string {
  return `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
}

function ensureBatchConsumer(bus: Bus, options: BatchConsumerOptions): Promise<void> {
  return ensureConsumer(bus, options.stream, {
    durable_name: options.consumer,
    filter_subject: options.filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: options.ackWaitMs * 1e6,
    // no max_deliver: an outage of the database must never use up an event's deliveries
    max_ack_pending: options.maxAckPending,
  });
}

async function readLag(bus: Bus, options: BatchConsumerOptions): Promise<number> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const info = await manager.consumers.info(options.stream, options.consumer);
  return info.num_pending + info.num_ack_pending;
}
