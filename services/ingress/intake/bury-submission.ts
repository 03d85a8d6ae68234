import { publishDurably, type PulledJob } from '#bus';
import { deadSubmissionSubject, SUBMIT_STREAM } from '#contracts';
import type { IngressResources } from '../resources.ts';

const MOST_REASON_CHARS = 500;

/** A submission that can't be worked off leaves the queue for the dead letters, with the reason. Rejects when it could not be stored there. */
export async function burySubmission(
  pulled: PulledJob,
  reason: string,
  { bus, log }: Pick<IngressResources, 'bus' | 'log'>,
): Promise<void> {
  const [, , , lane = ''] = pulled.subject.split('.');
  log.error({ subject: pulled.subject, reason }, 'submission moved to the dead letters');
  const own = pulled.readHeaders().filter(([name]) => !name.toLowerCase().startsWith('nats-'));
  const headers = {
    ...Object.fromEntries(own),
    // a header is one line
    'Headrace-Error': reason.replaceAll(/[\r\n]+/g, ' ').slice(0, MOST_REASON_CHARS),
    'Headrace-Subject': pulled.subject,
    'Headrace-Stream-Seq': String(pulled.streamSeq),
  };
  const messageId = `dead.${SUBMIT_STREAM}.${pulled.streamSeq}`;
  await publishDurably(bus, { subject: deadSubmissionSubject(lane), data: pulled.data, messageId, headers }, { giveUpAfterMs: 5_000 });
}
