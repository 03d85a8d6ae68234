import type { FastifyInstance } from 'fastify';
import { forwardRoutes } from './forward-routes.ts';
import type { AdminProbe } from './health-routes.ts';

/** First segments of paths that belong to admin: management and reports. */
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
  'queue',
  'dead',
  'webhooks',
  'guardrails',
  'router',
  'docs',
  'v2/guardrails',
  'v2/key',
  'v2/team',
  'v2/user',
] as const;
/** Whole paths of it that stand below none of these. */
const ADMIN_PATHS = [
  '/',
  '/alerts',
  '/apply_guardrail',
  '/audit',
  '/credentials',
  '/dead',
  '/fallback',
  '/webhooks',
  '/docs',
  '/openapi.json',
  '/v1/feedback',
  '/feedback',
  '/route/outcomes',
] as const;

const TIMEOUT_MS = 30_000;

/** Forwards management routes to the admin service. */
export async function registerAdminProxy(app: FastifyInstance, adminUrl: string | undefined, keyHeader?: string): Promise<AdminProbe> {
  await forwardRoutes(app, {
    url: adminUrl,
    service: 'admin',
    prefixes: ADMIN_PREFIXES,
    paths: ADMIN_PATHS,
    timeoutMs: TIMEOUT_MS,
    isManagement: true,
    keyHeader,
  });
  return { database: () => probeDatabase(adminUrl) };
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
