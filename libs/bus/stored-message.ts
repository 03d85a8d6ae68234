import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './connect.ts';

const NO_MESSAGE_FOUND = 10037;
const STREAM_NOT_FOUND = 10059;

/** The stored message at a sequence, `undefined` when it is gone. Throws while the server can't say: a leader election is no answer. */
export async function readStored(bus: Bus, stream: string, streamSeq: number): Promise<Uint8Array | undefined> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  try {
    const message = await manager.streams.getMessage(stream, { seq: streamSeq });
    return message?.data;
  } catch (error) {
    if (error instanceof JetStreamApiError && (error.code === NO_MESSAGE_FOUND || error.code === STREAM_NOT_FOUND)) return undefined;
    throw error;
  }
}

/**
 * Takes a job out of the queue: not delivered if it was waiting, not redelivered if it was running. False when it was gone
 * already or the server does not answer (then its deadline ends it).
 */
export async function deleteStored(bus: Bus, stream: string, streamSeq: number): Promise<boolean> {
  try {
    const manager = await jetstreamManager(bus.nc, { checkAPI: false });
    return await manager.streams.deleteMessage(stream, streamSeq, false);
  } catch {
    return false;
  }
}

/** How many jobs a consumer has not handed out yet, and how many it has; `undefined` while the server does not answer. */
export async function lookAtQueue(bus: Bus, stream: string, consumer: string): Promise<{ waiting: number; delivered: number } | undefined> {
  try {
    const manager = await jetstreamManager(bus.nc, { checkAPI: false });
    const info = await manager.consumers.info(stream, consumer);
    return { waiting: info.num_pending, delivered: info.delivered.consumer_seq };
  } catch {
    return undefined;
  }
}

/** The highest stream sequence a consumer has handed out; `undefined` while the server does not answer. */
export async function lastDelivered(bus: Bus, stream: string, consumer: string): Promise<number | undefined> {
  try {
    const manager = await jetstreamManager(bus.nc, { checkAPI: false });
    const info = await manager.consumers.info(stream, consumer);
    return info.delivered.stream_seq;
  } catch {
    return undefined;
  }
}
