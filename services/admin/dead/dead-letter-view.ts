import type { DeadLetter } from '#bus';
import { decodeJobMeta, InvalidMessage, JOB_HEADER, type JobMeta } from '#contracts';

/** A dead letter as it is listed. What a client wrote is not in it. */
export function deadLetterView(letter: DeadLetter) {
  return {
    id: letter.seq,
    kind: letter.kind,
    subject: letter.headers['Headrace-Subject'] ?? letter.subject.replace(/^dead\./, ''),
    stored_at: letter.storedAt.toISOString(),
    error: letter.error,
    size_bytes: letter.data.length,
    job: letter.kind === 'job' ? jobView(letter) : undefined,
  };
}

/** With all that came with it, and its data where that is asked for. */
export function deadLetterDetails(letter: DeadLetter, { withBody }: { readonly withBody: boolean }) {
  const { [JOB_HEADER]: _job, ...headers } = letter.headers;
  return { ...deadLetterView(letter), headers, ...(withBody ? { body: Buffer.from(letter.data).toString('utf8') } : {}) };
}

function jobView(letter: DeadLetter) {
  const meta = readMeta(letter);
  if (meta === undefined) return undefined;
  const { id, attempt, model, lane, by, plan, cursor, failures = [], acceptedAt, deadlineAt, run } = meta;
  return {
    id,
    model,
    lane,
    group: run?.group,
    key: by.keyHash,
    team_id: by.teamId,
    accepted_at: new Date(acceptedAt).toISOString(),
    deadline_at: new Date(deadlineAt).toISOString(),
    attempt,
    deployment: plan[cursor]?.deploymentId,
    failed_attempts: failures.map(({ cursor: at, code }) => ({ deployment: plan[at]?.deploymentId, error: code })),
  };
}

/** A job may be here because of its header. */
function readMeta(letter: DeadLetter): JobMeta | undefined {
  try {
    return decodeJobMeta(letter.headers[JOB_HEADER]);
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined;
    throw error;
  }
}
