import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROUTE_OF_DIALECT } from '#attempts';
import { asGatewayError, BACKGROUND_GROUP, GatewayError, type JobMeta, submissionJobId } from '#contracts';
import { callerOf } from '../auth/authenticate-first.ts';
import type { Caller } from '../auth/caller.ts';
import { requireParams } from '../auth/enforced-params.ts';
import { accessGroups, aliasedModel, requestedModel, requireModelAccess } from '../auth/model-access.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { noteEscalation } from '../auto-routing/note-escalation.ts';
import { routeCall, type RoutedModel, withTiers } from '../auto-routing/route-call.ts';
import { cacheQuestion } from '../cache/cache-question.ts';
import { serveCached } from '../cache/serve-cached.ts';
import { guardCall } from '../guard/guard-call.ts';
import { hedgePolicy } from '../hedging/hedge-policy.ts';
import { hedgeWhenLate } from '../hedging/hedge-requests.ts';
import { serveShared } from '../idempotency/serve-shared.ts';
import { type SharedAnswer, sharedAnswer } from '../idempotency/shared-answer.ts';
import { jobOver } from '../job/job-over.ts';
import type { PendingJob } from '../job/pending-job.ts';
import { requestRouter } from '../job/request-router.ts';
import { type JobRequest, planJob, submitJob } from '../job/submit-job.ts';
import { admitJob, type AdmittedJob } from '../limits/admit-job.ts';
import { budgetRules } from '../limits/budget-rules.ts';
import { keepPrompt } from '../prompts/keep-prompt.ts';
import { mayKeepPrompt } from '../prompts/may-keep-prompt.ts';
import type { IngressResources } from '../resources.ts';
import { type RunWish, runWish } from '../runs/run-wish.ts';
import { serveRun } from '../runs/serve-run.ts';
import { asJsonArray } from './array-response.ts';
import type { ClientRoute } from './client-routes.ts';
import { type ClientResponseOptions, createClientResponse } from './client-response.ts';
import { idHeaders } from './id-headers.ts';
import { passedHeaders } from './passed-headers.ts';
import { type ClientCall, readRequest } from './read-request.ts';
import { withStreamUsage } from './with-stream-usage.ts';
import { requestDeadline, runDeadline } from './request-deadline.ts';
import { streamFailurePolicy } from './stream-failure-policy.ts';

/** The handler of a model route, behind `authenticateFirst`: read, plan, publish, and leave the rest to the frames. */
export function createChatHandler(clientRoute: ClientRoute, resources: IngressResources) {
  const { dialect, readAddress } = clientRoute;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { alwaysStreamUsage } = resources.config.litellm;
    const params = request.params as Readonly<Record<string, string>>;
    const call = readRequest(
      request.body,
      dialect,
      readAddress?.(params, request.query as Readonly<Record<string, unknown>>) ?? { model: params['model'] },
    );
    await serveCall(alwaysStreamUsage === true ? withStreamUsage(call) : call, request, reply, resources);
  };
}

/** Answers a call with a job of its own or, where the request allows it, with that of another. Throws for what can't become one. */
export async function serveCall(
  call: ClientCall,
  request: FastifyRequest,
  reply: FastifyReply,
  resources: IngressResources,
): Promise<void> {
  const resolved = callerOf(request, call.fields, resources);
  const caller = resolved instanceof Promise ? await resolved : resolved;
  const { headers } = request;
  const body = Buffer.isBuffer(request.body) ? request.body : call.body;
  const asked = modelFor(caller, call, resources);
  const routed = routeCall({ model: asked, call, by: caller.by, headers }, resources);
  const model = routed?.model ?? asked;
  const guarded = guardCall({ call, caller, lane: 'live', refuseWith: (refusal) => void reply.headers(refusal) }, resources);
  const own = guarded instanceof Promise ? await guarded : guarded;
  const shared = sharedAnswer({ call, body, headers, owner: ownerOf(caller.principal), model: asked }, resources.config);
  const wish = runWish(call, headers, resources.config.jobs?.resumable === true);
  const run = (running: ClientCall): Promise<void> =>
    runCall({ caller, call: running, model, routed, request, reply, wish, shared }, resources);
  // a job that is stored is shared by its name
  if (wish !== undefined) return run(own);
  const cached = shared?.among === 'retries' ? undefined : cacheQuestion({ call: own, caller, model, headers }, resources);
  if (cached !== undefined) return serveCached({ question: cached, call: own, caller, model, request, reply, run }, resources);
  if (shared === undefined) return run(own);
  const deadlineAt = requestDeadline(resources.now(), headers, call.fields, resources.config);
  await serveShared({ shared, call: own, request, reply, deadlineAt, run }, resources);
}

/** The group that a call runs under. Throws 403 where its caller may not use it, 400 where it lacks what requests must have. */
export function modelFor(caller: Caller, call: ClientCall, { models, config }: IngressResources): string {
  const groupsOf = accessGroups(models);
  const name = requestedModel(caller, call.model, groupsOf);
  requireModelAccess(caller, name, groupsOf);
  requireParams({ caller, call, access: config.access });
  return aliasedModel(caller, name, models);
}

interface RunningCall {
  readonly caller: Caller;
  readonly call: ClientCall;
  /** The model group after aliases and auto groups. */
  readonly model: string;
  /** Where an auto group was asked for. */
  readonly routed: RoutedModel | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Its answer is stored, and goes on without its client. */
  readonly wish: RunWish | undefined;
  readonly shared: SharedAnswer | undefined;
}

/** Makes a call a job and its frames the answer. Throws for what can't become one; from then on errors go to the client. */
async function runCall(running: RunningCall, resources: IngressResources): Promise<void> {
  const { call } = running;
  const wanted = jobRequest(running, resources);
  const planned = planJob(wanted, resources);
  const admission = admitJob(toAdmit(running, wanted, planned, resources), resources);
  const admitted = admission === undefined ? { meta: planned, headers: {} } : await admission;
  const { wish, reply } = running;
  if (wish !== undefined) return serveRun({ ...admitted, wish, call, reply }, resources);
  const job = openJob(admitted, running, resources);
  // the client left while its key or its limits were being looked up: nothing is to be run
  if (job.response.over) return resources.pending.cancel(job, CLIENT_GONE);
  try {
    await submitJob(job, call.body, resources);
    // the client left while the queue was being asked: now that its place is known, take it out
    if (job.over) resources.pending.cancel(job, CLIENT_GONE);
  } catch (error) {
    job.fail(asGatewayError(error));
  }
}

const CLIENT_GONE = new GatewayError('client_gone', 'The client closed the connection.');

function jobRequest(running: RunningCall, resources: IngressResources): JobRequest {
  const { caller, call, model, routed, request, wish } = running;
  const { headers } = request;
  const routing = requestRouter(resources.config.router, headers, call.fields);
  const groupsOf = accessGroups(resources.models);
  for (const name of routing.named) requireModelAccess(caller, name, groupsOf);
  return {
    call,
    model,
    by: caller.by,
    deadlineAt: (wish?.lane === 'background' ? runDeadline : requestDeadline)(resources.now(), headers, call.fields, resources.config),
    routing: withTiers(routing, routed),
    decision: routed?.decision,
    headers: passedHeaders(headers),
    traceparent: singleHeader(headers['traceparent']),
    onStreamFailure: policyOf(caller, call, model, request, resources),
    ...(wish === undefined
      ? {}
      : { ...runPlace(running, wish), keepsPrompt: mayKeepPrompt({ call, principal: caller.principal, headers }, resources) }),
  };
}

/** Retries of one idempotency key are one job, by its name. */
function runPlace({ call, caller, shared }: RunningCall, { lane }: RunWish): Pick<JobRequest, 'lane' | 'run' | 'jobId'> {
  const isEventStream = call.stream && call.dialect !== 'openai-speech';
  const run = { group: BACKGROUND_GROUP, live: isEventStream ? true : undefined };
  const name = shared?.among === 'retries' ? `${shared.name}.${shared.fingerprint}` : undefined;
  const jobId = name && submissionJobId(caller.by.keyHash, BACKGROUND_GROUP, name, (text) => hash('sha256', text));
  return { lane, run, jobId };
}

function toAdmit({ caller, call, reply }: RunningCall, wanted: JobRequest, meta: JobMeta, resources: IngressResources) {
  return {
    caller,
    call,
    meta,
    planFor: (model: string) => planJob({ ...wanted, model }, resources),
    onGone: (handler: () => void) => {
      const { raw } = reply;
      raw.once('close', handler);
      if (raw.destroyed) handler();
      return () => void raw.off('close', handler);
    },
    refuseWith: (headers: Readonly<Record<string, string>>) => void reply.headers(headers),
  };
}

function openJob(
  { meta, headers }: AdmittedJob,
  { caller, call, model, request, reply }: RunningCall,
  resources: IngressResources,
): PendingJob {
  const { dialect, fields } = call;
  const route = ROUTE_OF_DIALECT[dialect];
  const { onStreamFailure } = meta;
  const hedge = hedgePolicy({ dialect, headers: request.headers, fields, modelGroup: model, onStreamFailure }, resources.config);
  reply.hijack();
  const client: ClientResponseOptions = {
    raw: reply.raw,
    dialect: call.dialect,
    headers: { ...headers, ...call.answerHeaders, ...idHeaders(call.dialect, meta.id) },
    budgetExceededStatus: budgetRules(resources.config).budgetExceededStatus,
    onHead: () => resources.metrics.firstByteSeconds.observe({ route }, (resources.now() - meta.acceptedAt) / 1000),
    onDrain: () => job.acknowledge(),
    onGone: () => resources.pending.cancel(job, CLIENT_GONE),
  };
  const plain = call.openResponse?.(client, meta) ?? createClientResponse(client);
  const shaped = call.asArray === true ? asJsonArray(plain, call.dialect) : plain;
  const watched = call.watch?.(shaped, meta) ?? shaped;
  const response = keepPrompt(watched, { call, meta, principal: caller.principal, headers: request.headers }, resources);
  const job: PendingJob = resources.pending.open(meta, response, {
    onOver: (ended, error) => {
      call.onOver?.(ended, error);
      if (error === undefined) noteEscalation(ended, resources);
      observe(ended, error, route, resources);
    },
    onStarted: hedge && hedgeWhenLate(hedge, resources.hedging, resources),
  });
  return job;
}

function policyOf({ principal }: Caller, call: ClientCall, modelGroup: string, { headers }: FastifyRequest, { config }: IngressResources) {
  const { dialect, stream, fields } = call;
  const keyPolicy = principal.kind === 'key' ? principal.record.streamOnFailure : undefined;
  return streamFailurePolicy({ dialect, stream, headers, fields, keyPolicy, modelGroup }, config);
}

function observe(job: PendingJob, error: GatewayError | undefined, route: string, resources: IngressResources): void {
  const { metrics, now } = resources;
  jobOver(job, error, resources);
  const seconds = (now() - job.meta.acceptedAt) / 1000;
  const status = error?.code === 'client_gone' ? 499 : job.response.status;
  metrics.requests.inc({ route, status: String(status), code: error?.code ?? '' });
  metrics.requestSeconds.observe({ route }, seconds);
  if (error) logFailure(job, error, seconds, resources);
}

/** A line of the log costs a quarter of a millisecond: a hundred of them between two cancels of a burst kept calls open for 25 ms. */
const BURST_MS = 100;

function logFailure({ meta, current }: PendingJob, error: GatewayError, seconds: number, { log }: IngressResources): void {
  const { code, cause } = error;
  const write = (): void => log.info({ jobId: meta.id, code, attempt: current.attempt, seconds, err: cause }, 'request failed');
  if (code === 'client_gone') setTimeout(write, BURST_MS).unref();
  else write();
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
