import type { FastifyRequest } from 'fastify';
import { managementKinds, type RouteKind } from '#contracts';

/** In the `config` of routes that admin serves. */
export interface ManagementRoute {
  readonly isManagement?: boolean | undefined;
}

type Routed = Pick<FastifyRequest, 'method' | 'url' | 'routeOptions'>;

export function isManagementRoute({ routeOptions }: Routed): boolean {
  return (routeOptions.config as ManagementRoute | undefined)?.isManagement === true;
}

/** What tells of models, providers and health. */
const INFORMATION = /^\/(?:v\d\/)?(?:models?|model_group|providers|health|metrics)(?:\/|$)/;

/** What a request is for, in the words of LiteLLM's groups of routes. */
export function kindsOfRoute(request: Routed): readonly RouteKind[] {
  const path = request.url.split('?', 1)[0] ?? '';
  if (isManagementRoute(request)) return managementKinds(request.method, path);
  return request.method === 'GET' && INFORMATION.test(path) ? ['llm', 'info'] : ['llm'];
}
