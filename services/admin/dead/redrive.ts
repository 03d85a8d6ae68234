import { type Bus, type DeadLetter, type DeadLetterBox, publishDurably } from '#bus';
import type { Deployment } from '#config';
import {
  type Candidate,
  DEAD_LETTER_HEADERS,
  decodeAlertEvent,
  decodeJobMeta,
  encodeJobMeta,
  GatewayError,
  InvalidMessage,
  JOB_HEADER,
  type JobMeta,
  jobSubject,
} from '#contracts';
import { type Database, redeliverAlert } from '#db';

export interface RedriveResources {
  readonly db: Database;
  readonly bus: Bus;
  readonly box: Pick<DeadLetterBox, 'remove' | 'reopenRun'>;
  readonly deployment: (id: string) => Pick<Deployment, 'queue'> | undefined;
  readonly now: () => number;
}

const GIVE_UP_AFTER_MS = 10_000;

/**
 * Sends a dead letter on its way again, then takes it away: twice in the worst case, never not at all; what comes twice has the same name
 * both times. Throws `conflict` for what can't go on, which stays where it is.
 */
export async function redrive(letter: DeadLetter, resources: RedriveResources): Promise<void> {
  try {
    if (letter.kind === 'job') await redriveJob(letter, resources);
    else if (letter.kind === 'alert') await redriveAlert(letter, resources);
    else await republish(letter, resources);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    throw refused(letter, `it can't be read: ${error.message}`);
  }
  await resources.box.remove(letter.seq);
}

/** The next attempt of the job, with as much time as it had at first; its stored end gives way to the new one. */
async function redriveJob(letter: DeadLetter, { bus, box, deployment, now }: RedriveResources): Promise<void> {
  const meta = decodeJobMeta(letter.headers[JOB_HEADER]);
  if (meta.inbox !== undefined) throw refused(letter, 'its client was told that it failed and waits no more');
  const plan = meta.plan.filter(({ deploymentId }) => deployment(deploymentId) !== undefined);
  const [first] = plan;
  if (first === undefined) throw refused(letter, 'none of its deployments is configured any more');
  const next = nextAttempt(meta, plan, now());
  if (meta.run !== undefined) await box.reopenRun({ owner: meta.by.keyHash, group: meta.run.group, job: meta.id });
  const { lane } = meta;
  const { tier, provider, deploymentId } = first;
  await publishDurably(
    bus,
    {
      subject: jobSubject({ lane, tier, provider, queue: deployment(deploymentId)?.queue }),
      data: letter.data,
      messageId: messageId(letter),
      headers: { [JOB_HEADER]: encodeJobMeta(next) },
    },
    { giveUpAfterMs: GIVE_UP_AFTER_MS },
  );
}

/** Outcomes are named by attempt: under the old number the first one would find its own end, and settle without a call. */
function nextAttempt(meta: JobMeta, plan: readonly Candidate[], now: number): JobMeta {
  const { failures: _failures, detours: _detours, hedges: _hedges, sentRef: _sentRef, bulk: _bulk, ...kept } = meta;
  const deadlineAt = Math.max(meta.deadlineAt, now + meta.deadlineAt - meta.acceptedAt);
  return { ...kept, attempt: meta.attempt + 1, cursor: 0, plan, deadlineAt };
}

/** One that could be read has its deliveries in the database: those that were given up are due again. */
async function redriveAlert(letter: DeadLetter, resources: RedriveResources): Promise<void> {
  const event = decodeAlertEvent(letter.data);
  if ((await redeliverAlert(resources.db, event.id)) === 0) throw refused(letter, 'none of its deliveries was given up');
}

async function republish(letter: DeadLetter, { bus }: RedriveResources): Promise<void> {
  const subject = originOf(letter);
  if (subject === undefined) throw refused(letter, 'nothing says where it came from');
  const own = new Set<string>(Object.values(DEAD_LETTER_HEADERS));
  const headers = Object.fromEntries(Object.entries(letter.headers).filter(([name]) => !own.has(name)));
  const message = { subject, data: letter.data, messageId: messageId(letter), headers };
  await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
}

/** What a limit held back begins at the beginning. */
function originOf({ kind, headers }: DeadLetter): string | undefined {
  const subject = headers[DEAD_LETTER_HEADERS.subject]?.replace(/^submit\.held\./, 'submit.v1.');
  return subject?.startsWith(kind === 'event' ? 'events.attempt.' : 'submit.v1.') === true ? subject : undefined;
}

function messageId({ seq, storedAt }: DeadLetter): string {
  return `redrive.${seq}.${storedAt.getTime()}`;
}

function refused({ seq }: DeadLetter, why: string): GatewayError {
  return new GatewayError('conflict', `Dead letter ${seq} can't be sent on its way again: ${why}.`, { param: 'id' });
}
