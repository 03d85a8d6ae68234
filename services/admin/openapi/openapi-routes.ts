import { readFileSync } from 'node:fs';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { defineRoute } from '../routes/define-route.ts';
import type { CollectedRoute } from './collect-routes.ts';
import { DESCRIBED_ROUTES } from './described-routes.ts';
import { GATEWAY_ROUTES } from './gateway-routes.ts';
import { createOpenapiDocument, type OpenapiDocument } from './openapi-document.ts';

/** Nothing is loaded from elsewhere, and nobody may put the page into a frame. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'";

/** `GET /openapi.json`, and Swagger UI at `/docs` with its own files. Both need no key: they show what the product's documentation shows. */
export function registerOpenapi(app: FastifyInstance, routes: readonly CollectedRoute[]): void {
  let document: OpenapiDocument | undefined;
  // made when it is first asked for: all routes are registered then
  const documentOf = (): OpenapiDocument =>
    (document ??= createOpenapiDocument(routes, { version: versionOf(), descriptions: DESCRIBED_ROUTES, further: GATEWAY_ROUTES }));
  const spec = { method: 'GET', url: '/openapi.json', tag: 'documentation', summary: 'This document', isPublic: true } as const;
  defineRoute(app, spec, documentOf);
  app.get('/', (_request, reply) => reply.redirect('/docs'));
  void app.register(swaggerSource(documentOf));
  void app.register(swaggerUi, { routePrefix: '/docs', staticCSP: CONTENT_SECURITY_POLICY, uiConfig: { persistAuthorization: true } });
}

/** Swagger UI takes its document from a plugin of this name, which would make it from JSON schemas of the routes: they have none. */
function swaggerSource(documentOf: () => OpenapiDocument): FastifyPluginAsync {
  const plugin = async (app: FastifyInstance): Promise<void> => {
    app.decorate('swagger', documentOf);
  };
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true, [Symbol.for('plugin-meta')]: { name: '@fastify/swagger' } });
}

function versionOf(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
