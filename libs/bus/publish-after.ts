import { randomUUID } from 'node:crypto';
import { headers as natsHeaders } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';
import { StreamFull, streamRefusal, StreamUnavailable } from './publish.ts';

/** JetStream's codes for "the last message of this subject is another one": the second since 2.12 for servers that count differently. */
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

export interface PublishAfterOptions {
  /** Sequence of the subject's last message; 0 when there must be none. */
  readonly after: number;
  readonly giveUpAfterMs: number;
}

/**
 * Stores a message if the last one of its subject is the one the caller knows: of several that try, one succeeds. Returns its
 * sequence, undefined when the last one is another. A lost answer is asked for again under the same id, which the server knows before
 * it looks at the sequence. Throws `StreamFull` or `StreamUnavailable`.
 */
export async function publishAfter(
  bus: Bus,
  message: { readonly subject: string; readonly data: Uint8Array },
  { after, giveUpAfterMs }: PublishAfterOptions,
): Promise<number | undefined> {
  const list = natsHeaders();
  list.set('Nats-Msg-Id', randomUUID());
  list.set('Nats-Expected-Last-Subject-Sequence', String(after));
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const answer = await bus.acks.publish(message.subject, message.data, list);
      if (answer.error === undefined) return answer.seq ?? 0;
      if (WRONG_LAST_SEQUENCE.has(answer.error.err_code)) return undefined;
      throw streamRefusal(message.subject, answer.error);
    } catch (error) {
      if (error instanceof StreamFull) throw error;
      if (performance.now() + pauseMs > giveUpAt || bus.nc.isClosed()) {
        throw new StreamUnavailable(`the stream of ${message.subject} does not answer`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
