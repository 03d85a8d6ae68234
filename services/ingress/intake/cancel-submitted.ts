import { hash } from 'node:crypto';
import type { PulledJob, RunStore } from '#bus';
import { InvalidMessage, submissionJobId } from '#contracts';

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;

/** A publisher wants a job to end, or all of a group. Whoever runs it, or would, is told by the stream of answers. Throws `InvalidMessage`. */
export async function cancelSubmitted(pulled: PulledJob, store: RunStore): Promise<void> {
  const [, , owner = '', group = '', id, ...more] = pulled.subject.split('.');
  const tokens = [owner, group, ...(id === undefined ? [] : [id])];
  if (more.length > 0 || !tokens.every((token) => TOKEN.test(token)))
    throw new InvalidMessage('the subject is not submit.cancel.<owner>.<group>[.<id>]');
  if (id === undefined) await store.cancelGroup(owner, group);
  else await store.cancel({ owner, group, job: submissionJobId(owner, group, id, (text) => hash('sha256', text)) });
  pulled.settle();
}
