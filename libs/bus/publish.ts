import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';

export interface DurableMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Publishing the same id again within the stream's window stores nothing and says so. */
  readonly messageId: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Stored {
  readonly streamSeq: number;
  /** The message was stored before: `streamSeq` is the first one's. */
  readonly duplicate: boolean;
}

/** The stream refuses new messages: it is at its size limit. Not worth a retry within a request. */
export class StreamFull extends Error {
  override readonly name = 'StreamFull';
}

/** The stream could not be reached within the time given. The message may or may not be stored; its id makes a repeat safe. */
export class StreamUnavailable extends Error {
  override readonly name = 'StreamUnavailable';
}

/** JetStream's error codes for a stream at its limit: of the whole (10077) and of the account's resources (10047, 10023). */
const FULL = new Set([10077, 10047, 10023]);
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Publishes to JetStream and waits for the server's word that the message is stored. A lost answer, a leader election or
 * a reconnect is retried under the same id until `giveUpAfterMs`; a leader's death shows as "JetStream not enabled".
 * Throws `StreamFull` or `StreamUnavailable`.
 */
export async function publishDurably(bus: Bus, message: DurableMessage, options: { giveUpAfterMs: number }): Promise<Stored> {
  const giveUpAt = performance.now() + options.giveUpAfterMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await publishOnce(bus, message);
    } catch (error) {
      if (error instanceof StreamFull) throw error;
      if (performance.now() + pauseMs > giveUpAt || bus.nc.isClosed()) {
        throw new StreamUnavailable(`the stream of ${message.subject} does not answer`, { cause: error });
      }
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

async function publishOnce(bus: Bus, message: DurableMessage): Promise<Stored> {
  const answer = await bus.acks.publish(message.subject, message.data, headersOf(message));
  if (answer.error) throw streamRefusal(message.subject, answer.error);
  return { streamSeq: answer.seq ?? 0, duplicate: answer.duplicate ?? false };
}

/** A stream's error as ours. */
export function streamRefusal(subject: string, error: { readonly err_code: number; readonly description: string }): Error {
  const text = `the stream of ${subject} refused: ${error.description} (${error.err_code})`;
  return FULL.has(error.err_code) ? new StreamFull(text) : new Error(text);
}

function headersOf(message: DurableMessage): MsgHdrs {
  const list = natsHeaders();
  list.set('Nats-Msg-Id', message.messageId);
  for (const name in message.headers) list.set(name, message.headers[name] ?? '');
  return list;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
