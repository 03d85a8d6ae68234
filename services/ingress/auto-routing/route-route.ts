import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ClientDialect, GatewayError } from '#contracts';
import { callerOf } from '../auth/authenticate-first.ts';
import { accessGroups, requireModelAccess } from '../auth/model-access.ts';
import { modelFor } from '../chat/chat-route.ts';
import { type ClientCall, parseObject, readRequest } from '../chat/read-request.ts';
import { requestRouter } from '../job/request-router.ts';
import type { IngressResources } from '../resources.ts';
import { previewRoute } from './preview-route.ts';
import { routeCall, withTiers } from './route-call.ts';

type OnRequest = (request: FastifyRequest, reply: unknown, done: (error?: Error) => void) => void;

/** `POST /v1/route`: a chat body of any format in, the plan it would get out. For every model, not only for auto groups. */
export function registerRouteRoute(app: FastifyInstance, onRequest: OnRequest, resources: IngressResources): void {
  const preview = async (request: FastifyRequest) => {
    const call = readCall(request.body);
    const { headers } = request;
    const caller = await callerOf(request, call.fields, resources);
    const asked = modelFor(caller, call, resources);
    const routed = routeCall({ model: asked, call, by: caller.by, headers, isPreview: true }, resources);
    const routing = withTiers(requestRouter(resources.config.router, headers, call.fields), routed);
    const groupsOf = accessGroups(resources.models);
    for (const name of routing.named) requireModelAccess(caller, name, groupsOf);
    const model = routed?.model ?? asked;
    const found = previewRoute({ call, caller, model, routed, routing }, resources);
    if (found !== undefined) return found;
    throw new GatewayError('model_not_found', `The model ${model} does not exist here. GET /v1/models lists what does.`, {
      param: 'model',
    });
  };
  for (const path of ['/v1/route', '/route']) app.post(path, { onRequest }, preview);
}

function readCall(body: unknown): ClientCall {
  const fields = Buffer.isBuffer(body) && body.length > 0 ? parseObject(body) : {};
  return readRequest(body, dialectOf(fields));
}

/** Formats differ in what they call the conversation. */
function dialectOf(fields: Readonly<Record<string, unknown>>): ClientDialect {
  if (fields['input'] !== undefined) return 'openai-responses';
  if (fields['contents'] !== undefined) return 'gemini-generate';
  return fields['prompt'] === undefined ? 'openai-chat' : 'openai-completions';
}
