import fastify, { type FastifyInstance } from 'fastify';
import { registerMessageBatchRoutes } from './anthropic/message-batch-routes.ts';
import { guardRoutes } from './auth/guard.ts';
import { registerFileRoutes } from './files/file-routes.ts';
import { registerHttpErrors } from './http-errors.ts';
import { registerBatchRoutes } from './openai/batch-routes.ts';
import type { BatchesResources } from './resources.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** Files and batches over HTTP. Uploads are read by their routes as they arrive; small bodies are JSON whatever their type says. */
export async function createBatchesApp(resources: BatchesResources): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    logger: false,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  });
  registerHttpErrors(app, resources.log);
  guardRoutes(app, resources);
  await app.register(async (unread) => {
    unread.removeAllContentTypeParsers();
    unread.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
    registerFileRoutes(unread, resources);
    registerMessageBatchRoutes(unread, resources);
  });
  await app.register(async (json) => {
    json.removeAllContentTypeParsers();
    const readJson = json.getDefaultJsonParser('ignore', 'ignore');
    json.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) =>
      body === '' ? done(null) : readJson(request, String(body), done),
    );
    registerBatchRoutes(json, resources);
  });
  return app;
}
