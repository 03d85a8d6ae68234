import type { FastifyInstance } from 'fastify';
import { forwardRoutes } from './forward-routes.ts';

const PATHS = ['/v1/files', '/files', '/v1/batches', '/batches', '/v1/messages/batches', '/anthropic/v1/messages/batches'] as const;
/** A client on a slow line may pause in an upload of 200 MB. */
const TIMEOUT_MS = 120_000;

/** Forwards files and batches to the service that has them. */
export async function registerBatchesProxy(app: FastifyInstance, batchesUrl: string | undefined, keyHeader?: string): Promise<void> {
  await forwardRoutes(app, {
    url: batchesUrl,
    service: 'batches',
    prefixes: PATHS.map((path) => path.slice(1)),
    paths: PATHS,
    timeoutMs: TIMEOUT_MS,
    keyHeader,
    dialectOf: ({ url }) => (url.includes('/messages/batches') ? 'anthropic-messages' : 'openai-chat'),
  });
}
