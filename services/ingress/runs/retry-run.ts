import { publishDurably, type RunStore } from '#bus';
import { jobIdOf, submissionMessage } from '#client';
import { GatewayError, type RunName, type RunRequest } from '#contracts';
import { acceptanceError } from '../job/submit-job.ts';
import type { IngressResources } from '../resources.ts';
import type { KnownRun } from './find-run.ts';
import { readRunState, type RunState, runStatus } from './run-view.ts';

/** The newest retry of a job. */
export interface Retry {
  readonly job: string;
  /** As far as it has been accepted. */
  readonly state: RunState | undefined;
}

/** What belongs to a batch is counted and read there. */
const BATCH_GROUP = /^(?:batch_|msgbatch_)/;
const MOST_RETRIES = 100;
/** A longer name could not have a retry's number behind it. */
const LONGEST_ID = 120;
const RETRY_NUMBER = /-r\d+$/;
const GIVE_UP_AFTER_MS = 5_000;
/** So long a retry is waited for to be accepted, so that it is found when it is asked for at once. */
const ACCEPTED_WITHIN_MS = 1_500;
const POLL_MS = 20;

/**
 * Asks again for what a run that did not succeed was asked: a job of the same owner and group, whose name is the first one's with `-r1`, `-r2` and so on
 * behind it. While a retry is under way, another one is the same; two at once are one. It has a new deadline and goes through admission, guardrails
 * and routing as they are now.
 *
 * Throws `conflict` for a run that is not over, has succeeded, was retried with success, belongs to a batch, or whose request was not kept.
 */
export async function retryRun(run: KnownRun, resources: Pick<IngressResources, 'bus' | 'now'>): Promise<Retry> {
  const { store, name, claim } = run;
  const now = resources.now();
  if (BATCH_GROUP.test(name.group)) throw refusal('It belongs to a batch: send the lines that failed in a new one.');
  const status = runStatus(run.state, now);
  if (status === 'succeeded') throw refusal('It has succeeded.');
  if (status === 'queued' || status === 'running') throw refusal('It is not over yet: cancel it first, or wait for its end.');
  const kept = await store.findRequest(name);
  if (kept === undefined) throw refusal('What it was asked is not kept: send the request again.');
  const base = (claim.id ?? claim.job).replace(RETRY_NUMBER, '');
  if (base.length > LONGEST_ID) throw refusal(`Its name has more than ${LONGEST_ID} characters: send the request again under another one.`);
  for (let number = 1; number <= MOST_RETRIES; number += 1) {
    const id = `${base}-r${number}`;
    const retry = { ...name, job: jobIdOf(name.owner, { group: name.group, id }) };
    const state = await stateOf(retry, store);
    if (state === undefined) return submit(retry, { id, ...kept }, store, resources);
    const reached = runStatus(state, now);
    if (reached === 'succeeded') throw refusal(`It was retried, and that has succeeded: ${retry.job}.`);
    if (reached === 'queued' || reached === 'running') return { job: retry.job, state };
  }
  throw refusal(`It was retried ${MOST_RETRIES} times.`);
}

interface Asked {
  readonly id: string;
  readonly request: RunRequest;
  readonly body: Uint8Array;
}

async function submit(
  retry: RunName,
  { id, request, body }: Asked,
  store: RunStore,
  { bus, now }: Pick<IngressResources, 'bus' | 'now'>,
): Promise<Retry> {
  const { route, headers } = request;
  const lane = request.lane === 'live' ? 'background' : request.lane;
  // a body that was kept fits into a message
  const message = submissionMessage(retry.owner, { group: retry.group, id, route, lane, headers, body }, body.length);
  try {
    await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
  } catch (error) {
    throw acceptanceError(error);
  }
  const until = now() + ACCEPTED_WITHIN_MS;
  let state = await stateOf(retry, store);
  while (state === undefined && now() < until) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    state = await stateOf(retry, store);
  }
  return { job: retry.job, state };
}

async function stateOf(name: RunName, store: RunStore): Promise<RunState | undefined> {
  const found = await store.find(name);
  return found && readRunState(found, store);
}

function refusal(why: string): GatewayError {
  return new GatewayError('conflict', `This job can't be retried. ${why}`, { param: 'id' });
}
