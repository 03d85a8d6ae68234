import { InvalidMessage } from './job.ts';
import { LANES } from './lane.ts';
import type { SubmissionName } from './subjects.ts';
import { type Submission, SUBMISSION_HEADERS } from './submission.ts';

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const DEFAULT_ROUTE = '/v1/chat/completions';

/** Whose submission it is and what it is called, by its subject. Throws `InvalidMessage` saying what is wrong with it. */
export function readSubmissionName(subject: string): SubmissionName {
  const [root, version, owner = '', lane, group = '', id = '', ...more] = subject.split('.');
  if (root !== 'submit' || (version !== 'v1' && version !== 'held')) throw new InvalidMessage('the subject is not submit.v1.…');
  if (more.length > 0 || id === '') throw new InvalidMessage('the subject is not submit.v1.<owner>.<lane>.<group>.<id>');
  for (const [name, token] of Object.entries({ owner, group, id })) {
    if (!TOKEN.test(token)) throw new InvalidMessage(`the ${name} in the subject is not 1 to 128 letters, digits, "_" or "-"`);
  }
  const known = LANES.find((one) => one === lane);
  if (known === undefined) throw new InvalidMessage(`the lane ${JSON.stringify(lane)} in the subject is unknown`);
  return { owner, lane: known, group, id };
}

/** What a submission's headers say; names in any case. Throws `InvalidMessage` naming the header that can't be read. */
export function readSubmissionHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): Pick<Submission, 'route' | 'deadlineAt' | 'live' | 'headers'> {
  const own = new Map<string, string>();
  const request: Record<string, string> = {};
  const prefix = SUBMISSION_HEADERS.requestPrefix.toLowerCase();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower.startsWith(prefix)) request[lower.slice(prefix.length)] = value;
    else own.set(lower, value);
  }
  const live = own.get(SUBMISSION_HEADERS.live.toLowerCase());
  return {
    route: own.get(SUBMISSION_HEADERS.route.toLowerCase()) ?? DEFAULT_ROUTE,
    deadlineAt: readDeadline(own.get(SUBMISSION_HEADERS.deadline.toLowerCase())),
    live: live === '1' || live === 'true',
    headers: request,
  };
}

function readDeadline(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(at)) return at;
  throw new InvalidMessage(`the header ${SUBMISSION_HEADERS.deadline} is neither ISO 8601 nor Unix milliseconds`);
}
