import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import { GatewayError, type StoredResponse } from '#contracts';
import { principalOf } from '../auth/authenticate-first.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { CLIENT_ROUTES } from '../chat/client-routes.ts';
import type { IngressResources } from '../resources.ts';
import { listInputItems } from './list-input-items.ts';

/** `GET` and `DELETE /v1/responses/{id}`, and `GET /v1/responses/{id}/input_items`: what the caller's key has stored. */
export function registerStoredResponseRoutes(app: FastifyInstance, onRequest: onRequestHookHandler, resources: IngressResources): void {
  const { responses } = resources;
  const find = async (request: FastifyRequest): Promise<StoredResponse> => {
    const stored = await responses.find(ownerOf(principalOf(request)), idOf(request));
    if (stored === undefined) throw notFound(request);
    return stored;
  };
  const get = async (request: FastifyRequest) => {
    const { stream } = request.query as { readonly stream?: string };
    if (stream === 'true') {
      throw new GatewayError('unsupported_parameter', 'A stored response can’t be streamed again. Fetch it without stream.', {
        param: 'stream',
      });
    }
    return (await find(request)).response;
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
    app.delete(`${path}/:id`, { onRequest, config }, remove);
    app.get(`${path}/:id/input_items`, { onRequest, config }, listItems);
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

function notFound(request: FastifyRequest): GatewayError {
  return new GatewayError('response_not_found', `Response with id '${idOf(request)}' not found.`, { param: 'response_id' });
}
