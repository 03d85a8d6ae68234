import { type Bus, openBatchConsumer, openDeadLetters, publishAlert } from '#bus';
import { type Alert, DEAD_LETTERS_CONSUMER, DEAD_STREAM, DEAD_SUBJECTS, deadKind } from '#contracts';
import type { AdminLog } from '../resources.ts';
import { startStreamTask } from '../stream-task.ts';

export interface DeadLetterAlertOptions {
  readonly bus: Bus;
  readonly log: AdminLog;
  readonly now: () => number;
  /** Whether anybody is to be told. */
  readonly isWanted: () => boolean;
  readonly releases: { add(name: string, release: () => unknown): void };
}

/** Of many letters in one place, one alert in so much time. */
const TOLD_EVERY_MS = 600_000;

/** Tells of every place where letters arrive, also of those that came while no process was there. */
export async function openDeadLetterAlerts({ bus, log, now, isWanted, releases }: DeadLetterAlertOptions): Promise<void> {
  const consumer = await openBatchConsumer(bus, {
    stream: DEAD_STREAM,
    consumer: DEAD_LETTERS_CONSUMER,
    filterSubject: DEAD_SUBJECTS,
    ackWaitMs: 30_000,
    maxAckPending: 1_000,
    maxMessages: 100,
    lingerMs: 200,
  });
  const box = await openDeadLetters(bus);
  startStreamTask('dead letter alerts', {
    consumer,
    log,
    releases,
    handle: async (messages) => {
      const told = new Set<string>();
      for (const { subject, streamSeq } of messages) {
        // an alert that nobody takes is no reason for another one
        if (deadKind(subject) === 'alert' || told.has(subject) || !isWanted()) continue;
        told.add(subject);
        const letter = await box.find(streamSeq);
        if (letter === undefined) continue;
        const from = Math.floor(letter.storedAt.getTime() / TOLD_EVERY_MS) * TOLD_EVERY_MS;
        const alert: Alert = { kind: 'dead_letter', letter: streamSeq, what: letter.kind, subject, cause: letter.error, from };
        await publishAlert(bus, alert, { now: now() });
      }
    },
  });
}
