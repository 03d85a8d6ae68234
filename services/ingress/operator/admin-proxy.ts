import type { IncomingHttpHeaders } from 'node:http';
import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asGatewayError, GatewayError } from '#contracts';
import { encodeClientError } from '#dialects';
import type { AdminProbe } from './health-routes.ts';

/** First segments of paths that belong to admin: management, reports, and later files, batches and the dashboard. */
const ADMIN_PREFIXES = [
  'key',
  'spend',
  'team',
  'user',
  'organization',
  'customer',
  'end_user',
  'budget',
  'tag',
  'global',
  'agent',
  'model',
  'access_group',
  'credentials',
  'audit',
  'config',
  'fallback',
  'router',
  'docs',
  'v2/key',
  'v2/team',
  'v2/user',
] as const;
/** Whole paths of it that stand below none of these. */
const ADMIN_PATHS = ['/', '/alerts', '/audit', '/credentials', '/fallback', '/docs', '/openapi.json'] as const;

/** Forwards management routes to the admin service as they came; it authenticates them itself. */
export async function registerAdminProxy(parent: FastifyInstance, adminUrl: string | undefined): Promise<AdminProbe> {
  await parent.register((app) => registerForwarding(app, adminUrl));
  return { database: () => probeDatabase(adminUrl) };
}

async function registerForwarding(app: FastifyInstance, adminUrl: string | undefined): Promise<void> {
  // bodies are not read here but passed on as they come
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  if (adminUrl) await app.register(replyFrom, { base: adminUrl, http: { requestOptions: { timeout: 30_000 } } });
  const forward = (request: FastifyRequest, reply: FastifyReply) => {
    if (!adminUrl) throw unavailable(undefined);
    return sendOn(request, reply);
  };
  for (const prefix of ADMIN_PREFIXES) app.all(`/${prefix}/*`, forward);
  for (const path of ADMIN_PATHS) app.all(path, forward);
}

/** Throws `invalid_request` for addresses that the proxy does not pass on: dots that leave the path, broken escapes. */
function sendOn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  try {
    return reply.from(request.raw.url ?? '/', {
      rewriteHeaders: endToEndHeaders,
      onError: (failed, { error }) => {
        const answer = encodeClientError('openai-chat', asGatewayError(unavailable(error)));
        void failed.code(answer.status).headers(answer.headers).send(answer.body);
      },
    });
  } catch (error) {
    throw new GatewayError('invalid_request', 'The address is not valid.', { cause: error });
  }
}

/** What admin says of its own connection to us is not for the client's: one that asked to close would be kept open. */
function endToEndHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive'));
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError('service_unavailable', 'The admin service is not available. Model routes keep working.', {
    cause,
    retryAfterMs: 2_000,
  });
}

const PROBE_TIMEOUT_MS = 1_000;

async function probeDatabase(adminUrl: string | undefined): Promise<string> {
  if (!adminUrl) return 'not configured';
  try {
    const answer = await fetch(new URL('/health/readiness', adminUrl), { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return answer.ok ? 'connected' : 'disconnected';
  } catch {
    return 'unknown: admin does not answer';
  }
}
