import { type Bus, publishDurably, type StreamMessage } from '#bus';
import { deadEventSubject, EVENTS_STREAM } from '#contracts';
import type { RefusedMessage } from './apply-batch.ts';

export interface DeadLetters {
  /** Stores the message's bytes with what is wrong with them. Rejects when they could not be stored: then it must not be acked. */
  store(refused: RefusedMessage): Promise<void>;
}

const GIVE_UP_AFTER_MS = 5_000;
const MAX_REASON_CHARS = 500;

export function createDeadLetters(bus: Bus): DeadLetters {
  return {
    async store({ message, reason }) {
      await publishDurably(
        bus,
        {
          subject: deadEventSubject('attempt'),
          data: message.data,
          // one letter per event, however often it is delivered to whichever replica
          messageId: `${EVENTS_STREAM}.${message.streamSeq}`,
          headers: deadLetterHeaders(message, reason),
        },
        { giveUpAfterMs: GIVE_UP_AFTER_MS },
      );
    },
  };
}

function deadLetterHeaders(message: StreamMessage, reason: string): Record<string, string> {
  return {
    // a header is one line
    'Headrace-Error': reason.replaceAll(/[\r\n]+/g, ' ').slice(0, MAX_REASON_CHARS),
    'Headrace-Subject': message.subject,
    'Headrace-Stream-Seq': String(message.streamSeq),
  };
}
