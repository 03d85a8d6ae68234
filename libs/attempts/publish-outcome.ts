import { type Bus, publishDurably, readStored } from '#bus';
import { type AttemptEvent, attemptEventSubject, attemptId, decodeAttemptEvent, EVENTS_STREAM, InvalidMessage } from '#contracts';

export interface Publisher {
  readonly bus: Bus;
  readonly log: { error(fields: object, message: string): void };
}

/** Set on deliveries whose number was taken by another worker running the same delivery (NATS before 2.10.16 can do that). */
const SECOND_RUN_OFFSET = 32_768;

/**
 * Stores an attempt's outcome, for as long as it takes: the job stays unsettled until it is stored. An estimate that was
 * booked meanwhile by somebody who took this worker for dead gives way; another worker's outcome for the same delivery
 * stays, and this one is stored beside it, for it cost money too.
 */
export async function publishOutcome(event: AttemptEvent, publisher: Publisher): Promise<void> {
  const id = attemptId(event.job, event.attempt, event.delivery);
  const stored = await publishPatiently(event, id, publisher);
  if (!stored.duplicate) return;
  const first = await readEvent(stored.streamSeq, publisher);
  // nothing readable is the note of a worker that gave the same delivery back
  if (!first || first.status === 'lost') await publishPatiently(event, `${id}.real`, publisher);
  else if (first.worker !== event.worker) {
    const delivery = event.delivery + SECOND_RUN_OFFSET;
    await publishPatiently({ ...event, delivery }, attemptId(event.job, event.attempt, delivery), publisher);
  }
}

/**
 * Books a delivery that ended without an outcome. When it did have one, that one is returned and nothing is booked: the
 * message id makes the stream itself the judge. A note of a delivery that was given back counts as none.
 */
export async function bookLost(event: AttemptEvent, publisher: Publisher): Promise<AttemptEvent | undefined> {
  const stored = await publishPatiently(event, attemptId(event.job, event.attempt, event.delivery), publisher);
  return stored.duplicate ? readEvent(stored.streamSeq, publisher) : undefined;
}

async function readEvent(streamSeq: number, publisher: Publisher): Promise<AttemptEvent | undefined> {
  const data = await readStored(publisher.bus, EVENTS_STREAM, streamSeq);
  try {
    return data && decodeAttemptEvent(data);
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined;
    throw error;
  }
}

const PATIENCE_MS = 20_000;
/** A full stream refuses at once: without a pause the retries would spin. */
const PAUSE_MS = 1_000;

async function publishPatiently(event: AttemptEvent, messageId: string, publisher: Publisher) {
  const message = { subject: attemptEventSubject(event.provider), data: Buffer.from(JSON.stringify(event)), messageId };
  for (;;) {
    try {
      return await publishDurably(publisher.bus, message, { giveUpAfterMs: PATIENCE_MS });
    } catch (error) {
      if (publisher.bus.nc.isClosed()) throw error;
      publisher.log.error({ err: error, jobId: event.job }, 'an attempt event could not be stored, trying on');
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
