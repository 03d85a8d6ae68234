import type { FastifyInstance } from 'fastify';
import type { RouteSpec } from '../routes/define-route.ts';

/** A route as it was registered. */
export interface CollectedRoute {
  readonly method: string;
  readonly url: string;
  readonly spec: RouteSpec | undefined;
}

/** For people: the documentation itself. */
const PAGES = /^\/(?:docs(?:\/.*)?)?$/;

/** Every route that is registered from now on, in any part of the app: call it before the first. */
export function collectRoutes(app: FastifyInstance): readonly CollectedRoute[] {
  const routes: CollectedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (PAGES.test(url)) return;
    const methods = typeof method === 'string' ? [method] : method;
    for (const name of methods) if (name !== 'HEAD') routes.push({ method: name, url, spec: specOf(config) });
  });
  return routes;
}

function specOf(config: unknown): RouteSpec | undefined {
  return typeof config === 'object' && config !== null && 'api' in config ? (config.api as RouteSpec) : undefined;
}
