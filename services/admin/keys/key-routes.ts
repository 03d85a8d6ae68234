import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { deleteKeys, setKeyBlocked } from './change-keys.ts';
import { generateKey } from './generate-key.ts';
import { keyInfo } from './key-info.ts';
import { listKeys } from './list-keys.ts';

/** Paths and fields as in LiteLLM's management API. */
export function registerKeyRoutes(app: FastifyInstance, resources: AdminResources): void {
  app.post('/key/generate', (request) => generateKey(request.body, request.caller, resources));
  app.get('/key/info', (request) => keyInfo(request.query, request.caller, resources));
  app.get('/key/list', (request) => listKeys(request.query, request.caller, resources));
  app.post('/key/delete', (request) => deleteKeys(request.body, request.caller, resources));
  app.post('/key/block', (request) => setKeyBlocked(true, request.body, request.caller, resources));
  app.post('/key/unblock', (request) => setKeyBlocked(false, request.body, request.caller, resources));
}
