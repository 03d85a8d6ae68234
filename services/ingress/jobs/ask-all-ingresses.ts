import { type Bus, requestAll, requestCore, subscribeCore } from '#bus';
import { decodeJobQuestion, JOB_REQUESTS_SUBJECT, type JobCaller, type JobQuestion, type JobView } from '#contracts';
import type { OwnJobs } from './own-jobs.ts';

/** Who has the job answers within a few milliseconds. All others are silent, whether there is such a job or it is another key's. */
const TIMEOUT_MS = 500;
/** How long after one list the next may come. */
const QUIET_MS = 100;

/** What the ingress that has a job says of it; undefined when none has it for this caller. */
export async function askAllIngresses(link: Bus, question: JobQuestion): Promise<JobView | undefined> {
  const answer = await requestCore(link, JOB_REQUESTS_SUBJECT, encode(question), { timeoutMs: TIMEOUT_MS });
  return answer.kind === 'answer' ? (parse(answer.data) as JobView) : undefined;
}

/** The caller's jobs at all ingresses, this one included, the oldest first. */
export async function listAllJobs(link: Bus, caller: JobCaller): Promise<JobView[]> {
  const question = encode({ type: 'list', caller });
  const lists = await requestAll(link, JOB_REQUESTS_SUBJECT, question, { timeoutMs: TIMEOUT_MS, quietMs: QUIET_MS });
  return lists.flatMap((data) => parse(data) as JobView[]).toSorted((a, b) => a.acceptedAt - b.acceptedAt);
}

/** Answers questions about jobs here. Returns its end. */
export function serveJobQuestions(link: Bus, jobs: Pick<OwnJobs, 'answer' | 'list'>): () => void {
  return subscribeCore(link, JOB_REQUESTS_SUBJECT, ({ data, respond }) => {
    const question = decodeJobQuestion(data);
    const view = question.type === 'list' ? jobs.list(question.caller) : jobs.answer(question);
    if (view !== undefined) respond(encode(view));
  });
}

function encode(message: JobQuestion | JobView | readonly JobView[]): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

function parse(data: Uint8Array): unknown {
  return JSON.parse(Buffer.from(data).toString());
}
