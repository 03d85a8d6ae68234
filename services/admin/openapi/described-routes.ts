import type { RouteSpec } from '../routes/define-route.ts';

/** What the document says of routes that were registered without a description. */
export const DESCRIBED_ROUTES: Readonly<Record<string, Omit<RouteSpec, 'method' | 'url'>>> = {
  'GET /health/liveliness': { tag: 'health', summary: 'Whether the process is alive', isPublic: true, replyType: 'text/plain' },
  'GET /health/readiness': { tag: 'health', summary: 'Whether the database and the queue can be reached', isPublic: true },
};
