import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROUTE_OF_DIALECT } from '#attempts';
import { asGatewayError, GatewayError } from '#contracts';
import type { Principal } from '../auth/authenticate.ts';
import { principalOf } from '../auth/authenticate-first.ts';
import { aliasedModel, requireModelAccess } from '../auth/model-access.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { hedgePolicy } from '../hedging/hedge-policy.ts';
import { countHedge, hedgeWhenLate } from '../hedging/hedge-requests.ts';
import { serveShared } from '../idempotency/serve-shared.ts';
import { sharedAnswer } from '../idempotency/shared-answer.ts';
import type { PendingJob } from '../job/pending-job.ts';
import { requestRouter } from '../job/request-router.ts';
import { planJob, submitJob } from '../job/submit-job.ts';
import type { IngressResources } from '../resources.ts';
import { asJsonArray } from './array-response.ts';
import { attributionOf } from './attribution.ts';
import type { ClientRoute } from './client-routes.ts';
import { type ClientResponseOptions, createClientResponse } from './client-response.ts';
import { idHeaders } from './id-headers.ts';
import { passedHeaders } from './passed-headers.ts';
import { type ClientCall, readRequest } from './read-request.ts';
import { requestDeadline } from './request-deadline.ts';
import { streamFailurePolicy } from './stream-failure-policy.ts';

/** The handler of a model route, behind `authenticateFirst`: read, plan, publish, and leave the rest to the frames. */
export function createChatHandler(clientRoute: ClientRoute, resources: IngressResources) {
  const { dialect, readAddress } = clientRoute;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const params = request.params as Readonly<Record<string, string>>;
    const call = readRequest(
      request.body,
      dialect,
      readAddress?.(params, request.query as Readonly<Record<string, unknown>>) ?? { model: params['model'] },
    );
    await serveCall(call, request, reply, resources);
  };
}

/** Answers a call with a job of its own or, where the request allows it, with that of another. Throws for what can't become one. */
export async function serveCall(
  call: ClientCall,
  request: FastifyRequest,
  reply: FastifyReply,
  resources: IngressResources,
): Promise<void> {
  const principal = principalOf(request);
  const { headers } = request;
  const body = Buffer.isBuffer(request.body) ? request.body : call.body;
  const model = aliasedModel(principal, call.model);
  const shared = sharedAnswer({ call, body, headers, owner: ownerOf(principal), model }, resources.config);
  if (shared === undefined) return runCall(call, request, reply, resources);
  requireModelAccess(principal, call.model);
  const deadlineAt = requestDeadline(resources.now(), headers, call.fields, resources.config);
  const run = (own: ClientCall): Promise<void> => runCall(own, request, reply, resources);
  await serveShared({ shared, call, request, reply, deadlineAt, run }, resources);
}

/** Makes a call a job and its frames the answer. Throws for what can't become one; from then on errors go to the client. */
async function runCall(call: ClientCall, request: FastifyRequest, reply: FastifyReply, resources: IngressResources): Promise<void> {
  const job = openJob(principalOf(request), call, request, reply, ROUTE_OF_DIALECT[call.dialect], resources);
  // the client left while its key was being looked up: nothing is to be run
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

function openJob(
  principal: Principal,
  call: ClientCall,
  request: FastifyRequest,
  reply: FastifyReply,
  route: string,
  resources: IngressResources,
): PendingJob {
  const model = aliasedModel(principal, call.model);
  requireModelAccess(principal, call.model);
  const now = resources.now();
  const routing = requestRouter(resources.config.router, request.headers, call.fields);
  for (const name of routing.named) requireModelAccess(principal, name);
  const onStreamFailure = policyOf(principal, call, model, request, resources);
  const { dialect, fields } = call;
  const hedge = hedgePolicy({ dialect, headers: request.headers, fields, modelGroup: model, onStreamFailure }, resources.config);
  const meta = planJob(
    {
      call,
      model,
      by: attributionOf(principal, request.headers, call.fields),
      deadlineAt: requestDeadline(now, request.headers, call.fields, resources.config),
      routing,
      headers: passedHeaders(request.headers),
      traceparent: singleHeader(request.headers['traceparent']),
      onStreamFailure,
    },
    resources,
  );
  reply.hijack();
  const client: ClientResponseOptions = {
    raw: reply.raw,
    dialect: call.dialect,
    headers: idHeaders(call.dialect, meta.id),
    onHead: () => resources.metrics.firstByteSeconds.observe({ route }, (resources.now() - meta.acceptedAt) / 1000),
    onDrain: () => job.acknowledge(),
    onGone: () => resources.pending.cancel(job, CLIENT_GONE),
  };
  const plain = call.openResponse?.(client, meta) ?? createClientResponse(client);
  const shaped = call.asArray === true ? asJsonArray(plain, call.dialect) : plain;
  const response = call.watch?.(shaped, meta) ?? shaped;
  const job: PendingJob = resources.pending.open(meta, response, {
    onOver: (ended, error) => observe(ended, error, route, resources),
    onStarted: hedge && hedgeWhenLate(hedge, resources.hedging, resources),
  });
  return job;
}

function policyOf(principal: Principal, call: ClientCall, modelGroup: string, { headers }: FastifyRequest, { config }: IngressResources) {
  const { dialect, stream, fields } = call;
  const keyPolicy = principal.kind === 'key' ? principal.record.streamOnFailure : undefined;
  return streamFailurePolicy({ dialect, stream, headers, fields, keyPolicy, modelGroup }, config);
}

function observe(job: PendingJob, error: GatewayError | undefined, route: string, resources: IngressResources): void {
  const { metrics, now } = resources;
  resources.ownJobs.ended(job, error);
  countHedge(job, resources);
  const seconds = (now() - job.meta.acceptedAt) / 1000;
  const status = error?.code === 'client_gone' ? 499 : job.response.status;
  metrics.requests.inc({ route, status: String(status), code: error?.code ?? '' });
  metrics.requestSeconds.observe({ route }, seconds);
  for (const ref of [job.meta.bodyRef, job.meta.uploadRef, ...job.sentRefs])
    if (ref !== undefined) void resources.bodies.delete(ref).catch(() => undefined);
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
