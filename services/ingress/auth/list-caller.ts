import type { FastifyRequest } from 'fastify';
import type { IngressResources } from '../resources.ts';
import { authenticate } from './authenticate.ts';
import { type Caller, resolveCaller } from './caller.ts';
import { accessGroups, mayUseModel } from './model-access.ts';
import { requireRoute } from './route-access.ts';

/** Who asks what there is, and which models it may know of. Throws the 401 or 403 that fits. */
export interface ListCaller {
  readonly caller: Caller;
  readonly mayUse: (model: string) => boolean;
}

export async function listCaller(
  request: Pick<FastifyRequest, 'headers' | 'url'>,
  resources: Pick<IngressResources, 'keys' | 'masterKeyHash' | 'now' | 'scopes' | 'models'>,
): Promise<ListCaller> {
  const principal = await authenticate(request.headers, resources);
  requireRoute(principal, request.url, 'llm', 'info');
  const caller = await resolveCaller(principal, { headers: request.headers, fields: {} }, resources.scopes);
  const groupsOf = accessGroups(resources.models);
  return { caller, mayUse: (model) => mayUseModel(caller, model, groupsOf) };
}
