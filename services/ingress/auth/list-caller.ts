import type { FastifyRequest } from 'fastify';
import type { IngressResources } from '../resources.ts';
import { authenticateRequest } from '../access/authenticate-request.ts';
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
  resources: Pick<IngressResources, 'keys' | 'masterKeyHash' | 'now' | 'scopes' | 'models' | 'config'>,
): Promise<ListCaller> {
  const principal = await authenticateRequest(request, resources, 'llm', 'info');
  requireRoute(principal, request.url, 'llm', 'info');
  const caller = await resolveCaller(
    principal,
    { headers: request.headers, fields: {}, access: resources.config.access },
    resources.scopes,
  );
  const groupsOf = accessGroups(resources.models);
  return { caller, mayUse: (model) => mayUseModel(caller, model, groupsOf) };
}
