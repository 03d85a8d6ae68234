import { requestCore } from '#bus';
import { type AnswerQuestion, answerRequestsSubject, decodeAnswer, GatewayError, type RecordedAnswer } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { AnswerTape } from './answer-tape.ts';
import { type Follower, followTape } from './follow-tape.ts';

/** How long the other ingress may keep a question for something to happen. */
const WAIT_MS = 1_000;
const TIMEOUT_MS = 2_500;
/** An ingress that nobody answers for during this is dead; after a restart of NATS each needs a moment to be there again. */
const DEAD_AFTER_MS = 2_000;
const PAUSE_MS = 100;
/** What is held for a slow client beyond what its socket takes. */
const HELD_BYTES = 1024 * 1024;

type Ask = (from: number, job?: string) => Promise<RecordedAnswer | undefined>;

/**
 * Gives a client the answer of a job at another ingress, piece by piece as it asks for them: a piece that got lost is asked for again by
 * its place. False when that ingress is gone or has nothing of this name, and the client has nothing yet.
 */
export async function relayAnswer(ingress: string, follower: Follower, resources: IngressResources): Promise<boolean> {
  const { shared, reply } = follower;
  const reader = resources.newJobId();
  const { owner, name } = shared;
  const ask: Ask = (from, job) =>
    askPatiently(answerRequestsSubject(ingress), { owner, name, reader, job, from, waitMs: WAIT_MS }, follower, resources);
  let first = await ask(0);
  while (first?.events.length === 0 && !reply.raw.destroyed && resources.now() < follower.deadlineAt) first = await ask(0, first.job);
  if (first === undefined) return false;
  if (first.events.length === 0) {
    if (reply.raw.destroyed) throw new GatewayError('client_gone', 'The client closed the connection.');
    throw new GatewayError('queue_timeout', 'The request waited for its answer until its deadline.');
  }
  void relay(first, follower, ask, resources);
  return true;
}

async function relay(first: RecordedAnswer, follower: Follower, ask: Ask, resources: IngressResources): Promise<void> {
  let room = Promise.withResolvers<void>();
  const tape = new AnswerTape({ job: first.job, limitBytes: HELD_BYTES, onDrain: () => room.resolve(), onAlone: () => room.resolve() });
  try {
    for (const event of first.events) tape.append(event);
    followTape(tape, follower, resources);
    for (let from = first.events.length; !tape.over && tape.readers > 0;) {
      const next = await ask(from, first.job);
      if (next === undefined) throw new Error('the ingress that had the answer is gone');
      for (const event of next.events) tape.append(event);
      from += next.events.length;
      room = Promise.withResolvers();
      if (tape.backedUp && tape.readers > 0) await room.promise;
    }
  } catch (cause) {
    resources.log.warn({ err: cause, jobId: first.job }, 'an answer of another ingress broke off');
    tape.fail(new GatewayError('worker_lost', 'The gateway process that had this answer died. Send the request again.', { cause }));
  }
}

/** Undefined when the ingress says that it has no such answer, or is dead; no events when time or the client has run out. */
async function askPatiently(
  subject: string,
  question: AnswerQuestion,
  { deadlineAt, reply }: Follower,
  { link, now }: Pick<IngressResources, 'link' | 'now'>,
): Promise<RecordedAnswer | undefined> {
  const data = Buffer.from(JSON.stringify(question));
  let aloneSince: number | undefined;
  do {
    const answer = await requestCore(link, subject, data, { timeoutMs: TIMEOUT_MS });
    if (answer.kind === 'answer') return answer.data.length === 0 ? undefined : decodeAnswer(answer.data);
    if (answer.kind === 'nobody' && link.connected) {
      aloneSince ??= now();
      if (now() - aloneSince >= DEAD_AFTER_MS) return undefined;
    } else aloneSince = undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (now() < deadlineAt && !reply.raw.destroyed);
  return { job: question.job ?? '', events: [] };
}
