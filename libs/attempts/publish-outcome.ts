import { type Bus, publishDurably, readStored } from '#bus';
import { type AttemptEvent, attemptEventSubject, attemptId, decodeAttemptEvent, EVENTS_STREAM, InvalidMessage } from '#contracts';

export interface Publisher {
  readonly bus: Bus;
  readonly log: { error(fields: object, message: string): void };
}

/**
 * Added to the number of a delivery that was run before: NATS before 2.10.16 can hand a running job out again under the same number, and a
 * nats-server that is killed forgets what it has handed out and what was settled in its last moments.
 */
const AGAIN_OFFSET = 32_768;

/**
 * Stores an attempt's outcome, for as long as it takes: the job stays unsettled until it is stored. An estimate that was
 * booked meanwhile by somebody who took this worker for dead gives way; the outcome of another run of the same delivery, here or at
 * another worker, stays, and this one is stored beside it, for it cost money too.
 */
export async function publishOutcome(event: AttemptEvent, publisher: Publisher): Promise<void> {
  const id = attemptId(event.job, event.attempt, event.delivery);
  let there = await tell(event, id, publisher);
  if (there === 'note' || isLost(there)) there = await tell(event, `${id}.real`, publisher);
  for (let runs = 1; isOfAnotherRun(there, event); runs += 1) {
    const again = { ...event, delivery: event.delivery + runs * AGAIN_OFFSET };
    there = await tell(again, attemptId(again.job, again.attempt, again.delivery), publisher);
  }
}

/** What the stream has under a name: `stored` just now, the event that was there before, or the `note` of a worker that gave the delivery back. */
type Told = 'stored' | 'note' | AttemptEvent;

async function tell(event: AttemptEvent, messageId: string, publisher: Publisher): Promise<Told> {
  const stored = await publishPatiently(event, messageId, publisher);
  return stored.duplicate ? ((await readEvent(stored.streamSeq, publisher)) ?? 'note') : 'stored';
}

function isLost(told: Told): boolean {
  return typeof told === 'object' && told.status === 'lost';
}

/** An outcome that is told again, because nobody answered the first time, is the same to the millisecond. */
function isOfAnotherRun(told: Told, { worker, startedAt, endedAt }: AttemptEvent): boolean {
  if (typeof told === 'string') return false;
  return told.worker !== worker || told.startedAt !== startedAt || told.endedAt !== endedAt;
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
