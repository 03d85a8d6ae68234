import type { FastifyReply, FastifyRequest } from 'fastify';
import { serveCall } from '../chat/chat-route.ts';
import type { ClientRoute } from '../chat/client-routes.ts';
import { type ClientCall, readRequest } from '../chat/read-request.ts';
import { callerOf } from '../auth/authenticate-first.ts';
import { aliasedModel } from '../auth/model-access.ts';
import { ownerOf } from '../auth/owner-of.ts';
import type { IngressResources } from '../resources.ts';
import { continueResponse } from './continue-response.ts';
import { recordResponse } from './record-response.ts';
import { noteBackground } from './with-background.ts';

/** The handler of `POST /v1/responses`, behind `authenticateFirst`: as other model routes, with a memory. */
export function createResponsesHandler({ dialect }: ClientRoute, resources: IngressResources) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const call = withoutBackground(readRequest(request.body, dialect));
    const caller = await callerOf(request, call.fields, resources);
    const { call: continued, input } = await continueResponse(
      call,
      aliasedModel(caller, call.model, resources.models),
      ownerOf(caller.principal),
      resources,
    );
    if (call.fields['store'] === false) return serveCall(continued, request, reply, resources);
    const { responses } = resources;
    const watched: ClientCall = {
      ...continued,
      watch: recordWith(input, responses),
      beforeRun: (meta) => noteBackground(meta, call.fields, input, responses),
    };
    await serveCall(watched, request, reply, resources);
  };
}

/** The gateway's own affair: a provider that keeps jobs of its own is to answer at once. Its fields go on saying what was asked for. */
function withoutBackground(call: ClientCall): ClientCall {
  if (call.fields['background'] === undefined) return call;
  const { background: _background, ...fields } = call.fields;
  return { ...call, body: Buffer.from(JSON.stringify(fields)) };
}

function recordWith(input: readonly Readonly<Record<string, unknown>>[], responses: IngressResources['responses']) {
  return (...[response, meta]: Parameters<NonNullable<ReturnType<typeof readRequest>['watch']>>) =>
    recordResponse(response, { meta, input, responses });
}
