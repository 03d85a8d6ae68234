import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROUTE_OF_DIALECT } from '#attempts';
import { asGatewayError, GatewayError } from '#contracts';
import type { Principal } from '../auth/authenticate.ts';
import { principalOf } from '../auth/authenticate-first.ts';
import { aliasedModel, requireModelAccess } from '../auth/model-access.ts';
import type { PendingJob } from '../job/pending-job.ts';
import { planJob, submitJob } from '../job/submit-job.ts';
import type { IngressResources } from '../resources.ts';
import { attributionOf } from './attribution.ts';
import type { ClientRoute } from './client-routes.ts';
import { createClientResponse } from './client-response.ts';
import { passedHeaders } from './passed-headers.ts';
import { type ClientCall, readRequest } from './read-request.ts';
import { requestDeadline } from './request-deadline.ts';

/** The handler of a model route, behind `authenticateFirst`: read, plan, publish, and leave the rest to the frames. */
export function createChatHandler(clientRoute: ClientRoute, resources: IngressResources) {
  const { dialect, readAddress } = clientRoute;
  const route = ROUTE_OF_DIALECT[dialect];
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const principal = principalOf(request);
    const params = request.params as Readonly<Record<string, string>>;
    const call = readRequest(request.body, dialect, readAddress?.(params) ?? { model: params['model'] });
    const job = openJob(principal, call, request, reply, route, resources);
    // the client left while its key was being looked up: nothing is to be run
    if (job.response.over) return resources.pending.cancel(job, CLIENT_GONE);
    try {
      await submitJob(job, call.body, resources);
      // the client left while the queue was being asked: now that its place is known, take it out
      if (job.over) resources.pending.cancel(job, CLIENT_GONE);
    } catch (error) {
      job.fail(asGatewayError(error));
    }
  };
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
  const meta = planJob(
    {
      call,
      model,
      by: attributionOf(principal, request.headers, call.fields),
      deadlineAt: requestDeadline(now, request.headers, call.fields, resources.config),
      headers: passedHeaders(request.headers),
      traceparent: singleHeader(request.headers['traceparent']),
    },
    resources,
  );
  reply.hijack();
  const response = createClientResponse({
    raw: reply.raw,
    dialect: call.dialect,
    headers: { 'x-headrace-job-id': meta.id, 'x-litellm-call-id': meta.id, 'x-request-id': meta.id },
    onHead: () => resources.metrics.firstByteSeconds.observe({ route }, (resources.now() - meta.acceptedAt) / 1000),
    onDrain: () => job.acknowledge(),
    onGone: () => resources.pending.cancel(job, CLIENT_GONE),
  });
  const job: PendingJob = resources.pending.open(meta, response, (ended, error) => observe(ended, error, route, resources));
  return job;
}

function observe(job: PendingJob, error: GatewayError | undefined, route: string, resources: IngressResources): void {
  const { metrics, now, log } = resources;
  const seconds = (now() - job.meta.acceptedAt) / 1000;
  const status = error?.code === 'client_gone' ? 499 : job.response.status;
  metrics.requests.inc({ route, status: String(status), code: error?.code ?? '' });
  metrics.requestSeconds.observe({ route }, seconds);
  if (job.meta.bodyRef !== undefined) void resources.bodies.delete(job.meta.bodyRef).catch(() => undefined);
  if (error) log.info({ jobId: job.meta.id, code: error.code, attempt: job.attempt, seconds, err: error.cause }, 'request failed');
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
