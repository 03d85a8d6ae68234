import type { StreamMessage } from '#bus';
import { InvalidMessage } from '#contracts';
import type { EventReader } from './event-reader.ts';
import type { HeldEvent, RefusedMessage } from './apply-batch.ts';

export interface DecodedBatch {
  readonly held: readonly HeldEvent[];
  readonly unreadable: readonly RefusedMessage[];
}

/** Reads the messages of a batch. Never throws: what can't be read is set apart. */
export function decodeBatch(messages: readonly StreamMessage[], reader: Pick<EventReader, 'read'>): DecodedBatch {
  const held: HeldEvent[] = [];
  const unreadable: RefusedMessage[] = [];
  for (const message of messages) {
    try {
      held.push({ message, event: reader.read(message.streamSeq, message.data) });
    } catch (error) {
      unreadable.push({ message, reason: error instanceof InvalidMessage ? error.message : 'the event could not be read' });
    }
  }
  return { held, unreadable };
}
