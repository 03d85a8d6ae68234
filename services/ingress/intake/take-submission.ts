import { type FoundRun, type RunStore, StreamFull, StreamUnavailable } from '#bus';
import { asGatewayError, GatewayError, type JobMeta, MASTER_KEY_HASH, type Submission } from '#contracts';
import { principalOfRecord, type Principal } from '../auth/authenticate.ts';
import { type Caller, resolveCaller } from '../auth/caller.ts';
import { accessGroups, requireModelAccess } from '../auth/model-access.ts';
import type { CacheQuestion } from '../cache/cache-question.ts';
import { routeCall, withTiers } from '../auto-routing/route-call.ts';
import { requireRoute } from '../auth/route-access.ts';
import { modelFor } from '../chat/chat-route.ts';
import { passedHeaders } from '../chat/passed-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import { LONGEST_RUN_MS } from '../chat/request-deadline.ts';
import { streamFailurePolicy } from '../chat/stream-failure-policy.ts';
import { guardCall } from '../guard/guard-call.ts';
import { requestRouter } from '../job/request-router.ts';
import { acceptanceError, type JobRequest, planJob } from '../job/submit-job.ts';
import { admitJob, needsAdmission } from '../limits/admit-job.ts';
import { mayKeepPrompt } from '../prompts/may-keep-prompt.ts';
import type { IngressResources } from '../resources.ts';
import { claimOf, queueRun } from '../runs/accept-run.ts';
import { metadataOf } from '../runs/serve-run.ts';
import { askCache } from './ask-cache.ts';
import type { LaneDepth } from './lane-depth.ts';
import { type NamedSubmission, readCall, readSubmission } from './read-submission.ts';
import { refuseSubmission } from './refuse-submission.ts';
import { DONE, type SubmissionOutcome, waitFor } from './submission-outcome.ts';

export interface TakeContext {
  readonly store: RunStore;
  readonly depth: LaneDepth;
  readonly resources: IngressResources;
}

/** Others hold what it needs: it is asked for again later, so that it does not stand in the way of other owners. */
const PARKED_MS = 1_500;
const READ_LATER = { retryAfterMs: 1_000 };

/**
 * Puts a submission through what an HTTP request goes through, and queues it as a job. What can never run gets an end with the error at once. Rejects
 * for nothing but what is wrong with this program.
 *
 * A submission that was delivered before may have been accepted then: by its own claim it goes on where that stopped, at another's it is
 * one that was submitted twice.
 */
export async function takeSubmission(named: NamedSubmission, context: TakeContext): Promise<SubmissionOutcome> {
  const { run, pulled } = named;
  const { store, resources } = context;
  const accepted = pulled.delivery === 1 ? undefined : await orUnavailable(store.find(run));
  if (accepted instanceof GatewayError) return waitOrFail(accepted, named, context);
  if (accepted !== undefined && !(await isToGoOn(accepted, named, store))) return DONE;
  const state: TakeState = { deadlineAt: pulled.storedAt + LONGEST_RUN_MS, resetsAt: undefined, accepted };
  try {
    return await accept(named, state, context);
  } catch (error) {
    const failure = acceptanceFailure(error);
    return waitFor(failure, { now: resources.now(), ...state }) ?? (await refuseOrWait(named, failure, state, context));
  } finally {
    // from here on it is the workers who tell of it
    resources.routing.board.ended(run.job);
  }
}

export interface TakeState {
  deadlineAt: number;
  resetsAt: number | undefined;
  /** Once it is known whose it is; its call as its guardrails left it, once they have passed it. */
  asked?: AskedBy | undefined;
  /** Known for later deliveries; at the first one the claim itself says whether there was another. */
  readonly accepted: FoundRun | undefined;
}

export interface AskedBy {
  readonly caller: Caller;
  readonly sent: ClientCall;
  readonly passed?: ClientCall | undefined;
}

/** What is held for a job that is accepted already would be held for ever: this is asked before anything is, where anything would be. */
async function isDuplicate({ run, pulled }: NamedSubmission, caller: Caller, { store, resources }: TakeContext): Promise<boolean> {
  return pulled.delivery === 1 && needsAdmission(caller, resources) && (await answered(store.find(run))) !== undefined;
}

async function isToGoOn({ claim }: FoundRun, { pulled, run }: NamedSubmission, store: RunStore): Promise<boolean> {
  if (claim.submission !== pulled.streamSeq || pulled.delivery === 1) return false;
  const last = await store.lastPart(run);
  return last === undefined || last.part === 'claim';
}

async function accept(named: NamedSubmission, state: TakeState, context: TakeContext): Promise<SubmissionOutcome> {
  const { store, depth, resources } = context;
  const submission = readSubmission(named);
  state.deadlineAt = submission.deadlineAt;
  if (submission.deadlineAt <= resources.now())
    throw new GatewayError('queue_timeout', 'The job’s deadline was over before it could begin.');
  if (hasWaited(named) && (await answered(store.isCancelled(named.run, named.pulled.storedAt)))) {
    throw new GatewayError('cancelled', 'The job was cancelled before it began.');
  }
  const sent = readCall(submission, resources.config.general.maxRequestBytes);
  const caller = await callerOf(submission, sent, resources);
  state.asked = { caller, sent };
  if (await isDuplicate(named, caller, context)) return DONE;
  const call = await guardCall({ call: sent, caller, jobId: named.run.job, lane: named.name.lane, refuseWith: () => undefined }, resources);
  state.asked = { caller, sent, passed: call };
  const request = jobRequest(named, { submission, call, caller }, resources);
  const planned = planJob(request, resources);
  const asked = { call, caller, model: modelFor(caller, call, resources), headers: submission.headers };
  const cached = await askCache({ named, asked, planned }, state, context);
  if (cached.outcome !== undefined) return cached.outcome;
  try {
    if (depth.isOverfull(planned)) throw new GatewayError('queue_full', 'The queue of its provider is long.', READ_LATER);
    const meta = await admit({ caller, call, request, planned }, state, resources);
    await queue({ named, meta, call, question: cached.question }, state, context);
    return DONE;
  } catch (error) {
    resources.runAnswers.forget(planned.id);
    throw error;
  }
}

/** A job that is queued at once is ended by its worker. */
function hasWaited({ pulled }: NamedSubmission): boolean {
  return pulled.delivery > 1 || pulled.subject.startsWith('submit.held.');
}

async function callerOf(submission: Submission, call: ClientCall, resources: IngressResources): Promise<Caller> {
  const { owner, route, headers } = submission;
  const principal: Principal =
    owner === MASTER_KEY_HASH ? { kind: 'master' } : principalOfRecord(await resources.keys.find(owner), resources.now());
  requireRoute(principal, route, 'llm');
  return resolveCaller(principal, { headers, fields: call.fields, access: resources.config.access, ownHeaders: true }, resources.scopes);
}

interface ReadSubmission {
  readonly submission: Submission & { readonly deadlineAt: number };
  readonly call: ClientCall;
  readonly caller: Caller;
}

function jobRequest({ run, name }: NamedSubmission, { submission, call, caller }: ReadSubmission, resources: IngressResources): JobRequest {
  const { headers, deadlineAt, live } = submission;
  const asked = modelFor(caller, call, resources);
  const routed = routeCall({ model: asked, call, by: caller.by, headers }, resources);
  const model = routed?.model ?? asked;
  const routing = requestRouter(resources.config.router, headers, call.fields);
  const groupsOf = accessGroups(resources.models);
  for (const other of routing.named) requireModelAccess(caller, other, groupsOf);
  const { dialect, stream, fields } = call;
  const keyPolicy = caller.principal.kind === 'key' ? caller.principal.record.streamOnFailure : undefined;
  return {
    call,
    model,
    by: caller.by,
    deadlineAt: Math.min(deadlineAt, resources.now() + LONGEST_RUN_MS),
    routing: withTiers(routing, routed),
    decision: routed?.decision,
    headers: passedHeaders(headers),
    traceparent: headers['traceparent'],
    onStreamFailure: streamFailurePolicy({ dialect, stream, headers, fields, keyPolicy, modelGroup: model }, resources.config),
    lane: name.lane,
    run: { group: name.group, id: name.id, live: live && stream ? true : undefined },
    keepsPrompt: mayKeepPrompt({ call, principal: caller.principal, headers }, resources),
    jobId: run.job,
  };
}

interface PlannedSubmission {
  readonly caller: Caller;
  readonly call: ClientCall;
  readonly request: JobRequest;
  readonly planned: JobMeta;
}

async function admit(
  { caller, call, request, planned }: PlannedSubmission,
  state: TakeState,
  resources: IngressResources,
): Promise<JobMeta> {
  const admission = admitJob(
    {
      caller,
      call,
      meta: planned,
      planFor: (model) => planJob({ ...request, model }, resources),
      onGone: (giveUp) => {
        const timer = setTimeout(giveUp, PARKED_MS);
        return () => clearTimeout(timer);
      },
      refuseWith: (headers) => {
        const at = Date.parse(headers['reset_at'] ?? '');
        state.resetsAt = Number.isNaN(at) ? undefined : at;
      },
    },
    resources,
  );
  return admission === undefined ? planned : (await admission).meta;
}

interface AdmittedSubmission {
  readonly named: NamedSubmission;
  readonly meta: JobMeta;
  readonly call: ClientCall;
  readonly question: CacheQuestion | undefined;
}

/** What is held for a job that was claimed stays held: whoever goes on with it is given the same. */
async function queue(
  { named, meta, call, question }: AdmittedSubmission,
  { accepted }: TakeState,
  { store, depth, resources }: TakeContext,
): Promise<void> {
  const { run, pulled } = named;
  if (accepted === undefined) {
    const claim = { ...claimOf(meta, metadataOf(call)), submission: pulled.streamSeq };
    const claimed = await store.claim(run, claim).catch((error: unknown) => {
      resources.admission.release(meta.id);
      throw error;
    });
    if (claimed === undefined) return resources.runAnswers.forget(meta.id);
  }
  if (question?.controls.mayStore === true && question.controls.ttlMs !== 0) await resources.runAnswers.expect(question, meta);
  await queueRun(meta, call.body, resources);
  depth.queued(meta);
}

function acceptanceFailure(error: unknown): GatewayError {
  const isOfStream = error instanceof StreamFull || error instanceof StreamUnavailable;
  return isOfStream ? acceptanceError(error) : asGatewayError(error);
}

async function refuseOrWait(
  named: NamedSubmission,
  error: GatewayError,
  state: TakeState,
  context: TakeContext,
): Promise<SubmissionOutcome> {
  try {
    await refuseSubmission(named, error, state, context);
    return DONE;
  } catch (cause) {
    return waitOrFail(acceptanceError(cause), named, context);
  }
}

function waitOrFail(error: GatewayError, { pulled }: NamedSubmission, { resources }: TakeContext): SubmissionOutcome {
  const facts = { now: resources.now(), deadlineAt: pulled.storedAt + LONGEST_RUN_MS, resetsAt: undefined };
  const outcome = waitFor(error, { ...facts, deadlineAt: Math.max(facts.deadlineAt, facts.now + LONGEST_RUN_MS) });
  if (outcome !== undefined) return outcome;
  throw error;
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T | GatewayError> {
  try {
    return await answer;
  } catch (error) {
    return acceptanceError(error);
  }
}

/** Throws what makes it wait while the store does not answer. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  const result = await orUnavailable(answer);
  if (result instanceof GatewayError) throw result;
  return result;
}
