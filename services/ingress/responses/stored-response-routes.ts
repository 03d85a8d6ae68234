import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { GatewayError, type StoredResponse } from '#contracts';
import { principalOf } from '../auth/authenticate-first.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { CLIENT_ROUTES } from '../chat/client-routes.ts';
import type { IngressResources } from '../resources.ts';
import { cancelRun, findRun } from '../runs/find-run.ts';
import { sendEvents } from '../runs/run-routes.ts';
import { listInputItems } from './list-input-items.ts';
import { jobOfResponse } from './with-background.ts';

/** `GET` and `DELETE /v1/responses/{id}`, `POST /v1/responses/{id}/cancel`, and `GET /v1/responses/{id}/input_items`: what the caller's key has stored. */
export function registerStoredResponseRoutes(app: FastifyInstance, onRequest: onRequestHookHandler, resources: IngressResources): void {
  const { responses } = resources;
  const find = async (request: FastifyRequest): Promise<StoredResponse> => {
    const stored = await responses.find(ownerOf(principalOf(request)), idOf(request));
    if (stored === undefined) throw notFound(request);
    return stored;
  };
  const findJob = (request: FastifyRequest) => {
    const principal = principalOf(request);
    const caller = { keyHash: ownerOf(principal), isMaster: false };
    return findRun(jobOfResponse(idOf(request)) ?? '', caller, resources);
  };
  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const { stream, starting_after: after } = request.query as { readonly stream?: string; readonly starting_after?: string };
    const run = stream === 'true' ? await findJob(request) : undefined;
    if (run?.claim.stream === true) return sendEvents(run, { from: run.state.from, event: eventsUpTo(after) }, reply, resources);
    if (stream === 'true') {
      throw new GatewayError('unsupported_parameter', 'A stored response can’t be streamed again. Fetch it without stream.', {
        param: 'stream',
      });
    }
    return (await find(request)).response;
  };
  const cancel = async (request: FastifyRequest) => {
    const run = await findJob(request);
    if (run !== undefined) {
      await cancelRun(run, resources.now);
      return (await find(request)).response;
    }
    await find(request);
    throw new GatewayError('invalid_request', 'Only a background response can be cancelled.', { param: 'response_id' });
  };
  const remove = async (request: FastifyRequest) => {
    if (!(await responses.remove(ownerOf(principalOf(request)), idOf(request)))) throw notFound(request);
    return { id: idOf(request), object: 'response', deleted: true };
  };
  const listItems = async (request: FastifyRequest) => {
    return listInputItems(await find(request), request.query as Readonly<Record<string, string | undefined>>);
  };

  const route = CLIENT_ROUTES.find(({ dialect }) => dialect === 'openai-responses');
  const config = { dialect: route?.dialect };
  for (const path of route?.paths ?? []) {
    app.get(`${path}/:id`, { onRequest, config }, get);
    app.post(`${path}/:id/cancel`, { onRequest, config }, cancel);
    app.delete(`${path}/:id`, { onRequest, config }, remove);
    app.get(`${path}/:id/input_items`, { onRequest, config }, listItems);
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

/** `starting_after` is the sequence number of the last event that the client has, counted from 0. */
function eventsUpTo(after: string | undefined): number {
  if (after === undefined) return 0;
  if (/^\d{1,9}$/.test(after)) return Number(after) + 1;
  throw new GatewayError('invalid_request', 'starting_after must be the sequence number of an event.', { param: 'starting_after' });
}

function notFound(request: FastifyRequest): GatewayError {
  return new GatewayError('response_not_found', `Response with id '${idOf(request)}' not found.`, { param: 'response_id' });
}
