import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { type Batcher, createBatcher } from './batcher.ts';
import { type BurstPuller, createBurstPuller } from './burst-puller.ts';
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
  /** How long messages gather before they are fetched, and how long the first of a batch waits for company at most. */
  readonly lingerMs: number;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
}

const REFUSED_PAUSE_MS = 500;
const NAK = new TextEncoder().encode('-NAK');
const ACK = new TextEncoder().encode('+ACK');

/**
 * Batches from a durable consumer by raw pulls on one inbox: the client's `fetch()` waits a full second at least, and
 * leaving it early strands what is under way until the ack wait is over.
 *
 * Messages come in bursts (`createBurstPuller`), asked for only while fewer than `maxMessages` wait in the buffer, so that
 * memory is bounded by two batches however long the caller takes, and the next batch arrives while the last one is worked on.
 * A consumer that is gone is made again; a reconnect, when the server has forgotten the open pull, begins anew.
 */
export async function openBatchConsumer(bus: Bus, options: BatchConsumerOptions): Promise<BatchConsumer> {
  await ensureBatchConsumer(bus, options);
  const inbox = bus.newInbox();
  const batches = createBatcher<StreamMessage>(options);
  const recover = async (): Promise<void> => {
    await ensureBatchConsumer(bus, options).catch(() => undefined);
    setTimeout(puller.restart, REFUSED_PAUSE_MS).unref();
  };
  const puller = createBurstPuller({
    bus,
    stream: options.stream,
    consumer: options.consumer,
    inbox,
    everyMs: options.lingerMs,
    room: () => options.maxMessages - batches.size(),
    onBurst: batches.ripen,
    onRefused: () => void recover(),
  });
  const receive = createReceiver({ bus, inbox, batches, puller });
  const subscription = bus.nc.subscribe(`${inbox}.*`, { callback: (error, message) => (error ? undefined : receive(message)) });
  const forgetOnReconnect = bus.onReconnect(puller.restart);
  const stop = (): void => {
    puller.stop();
    batches.end();
  };
  puller.ask();

  return {
    async next() {
      const batch = await batches.take();
      puller.ask();
      return batch;
    },
    lag: () => readLag(bus, options),
    stop,
    async close() {
      stop();
      forgetOnReconnect();
      subscription.unsubscribe();
      if (bus.connected && !bus.nc.isClosed()) await bus.nc.flush();
    },
  };
}

interface Receiver {
  readonly bus: Bus;
  readonly inbox: string;
  readonly batches: Batcher<StreamMessage>;
  readonly puller: BurstPuller;
}

/** A message into the buffer, or back to the stream once nobody will take it; a status to the puller. */
function createReceiver({ bus, inbox, batches, puller }: Receiver): (message: Msg) => void {
  const respond = (reply: string, payload: Uint8Array): void => {
    if (!bus.nc.isClosed()) bus.nc.publish(reply, payload);
  };
  return (message) => {
    const reply = message.reply ?? '';
    if (!reply.startsWith('$JS.ACK.')) return puller.status(message.subject.slice(inbox.length + 1), message.headers?.code ?? 0);
    if (batches.ended) return respond(reply, NAK);
    const { delivery, streamSeq, pending } = parseAckSubject(reply);
    batches.add({ subject: message.subject, data: message.data, delivery, streamSeq, ack: () => respond(reply, ACK) });
    puller.delivered({ delivery, pending });
  };
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
