import { hash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { AccessSettings } from '#config';
import type { GatewayError, KeyRecord } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { registerAdminProxy } from '../operator/admin-proxy.ts';
import { authenticateRequest } from './authenticate-request.ts';
import { registerDoor } from './register-door.ts';

const KEY: KeyRecord = { v: 1, hash: hash('sha256', 'sk-key'), masked: 'sk-…', models: [], blocked: false };
const BLOCKED: KeyRecord = { ...KEY, hash: hash('sha256', 'sk-blocked'), blocked: true };
const NOTHING: AccessSettings = {
  keyHeader: undefined,
  endUserHeaders: [],
  userHeader: undefined,
  enforceUser: false,
  enforcedParams: [],
  refusesClientTags: false,
  allowedIps: undefined,
  trustsForwardedFor: false,
  allowedRoutes: undefined,
  publicRoutes: [],
  adminOnlyRoutes: [],
};

/** A few routes of each kind: what they answer is who was let in. Admin is away: what reaches it is 503. */
async function gateway(access: Partial<AccessSettings> | undefined): Promise<FastifyInstance> {
  const resources = {
    config: { access: access && { ...NOTHING, ...access } },
    keys: { find: (name: string) => Promise.resolve([KEY, BLOCKED].find((key) => key.hash === name)) },
    masterKeyHash: hash('sha256', 'sk-master'),
    now: () => 0,
  } as unknown as IngressResources;
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    const { status, code } = error as GatewayError;
    return reply.code(status).send({ code });
  });
  registerDoor(app, resources);
  app.get('/health/readiness', () => 'ready');
  app.get('/v1/models', (request) => authenticateRequest(request, resources, 'llm', 'info'));
  app.post('/v1/chat/completions', (request) => authenticateRequest(request, resources, 'llm'));
  await registerAdminProxy(app, undefined);
  return app;
}

interface Ask {
  readonly path?: string;
  readonly from?: string;
  readonly forwarded?: string;
  readonly key?: string;
}

async function ask(app: FastifyInstance, { path = 'POST /v1/chat/completions', from = '127.0.0.1', forwarded, key = 'sk-key' }: Ask) {
  const [method, url] = path.split(' ');
  const headers = { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), ...(forwarded && { 'x-forwarded-for': forwarded }) };
  const answer = await app.inject({ method: method as 'GET', url: url ?? '', remoteAddress: from, headers });
  return answer.statusCode === 200 ? 200 : `${answer.statusCode} ${answer.json<{ code?: string }>().code ?? ''}`.trim();
}

const NO_ADDRESS = '403 address_access_denied';
const NO_ROUTE = '403 route_access_denied';
const AWAY = '503 service_unavailable';

describe('allowed_ips', () => {
  test.each<[Ask, boolean, unknown]>([
    [{ from: '10.1.1.1' }, false, 200],
    [{ from: '::ffff:10.1.1.1' }, false, 200],
    [{ from: '192.0.2.1' }, false, NO_ADDRESS],
    [{ from: '192.0.2.1', path: 'GET /health/readiness' }, false, 200],
    [{ from: '192.0.2.1', path: 'GET /key/info' }, false, NO_ADDRESS],
    [{ from: '192.0.2.1', path: 'GET /nowhere' }, false, NO_ADDRESS],
    [{ from: '192.0.2.1', forwarded: '10.1.1.1' }, false, NO_ADDRESS],
    [{ from: '192.0.2.1', forwarded: '10.1.1.1' }, true, 200],
    [{ from: '10.1.1.1', forwarded: '192.0.2.1' }, true, NO_ADDRESS],
    [{ from: '10.1.1.1', forwarded: '10.1.1.1, 192.0.2.1' }, true, NO_ADDRESS],
    [{ from: '10.1.1.1', forwarded: 'nobody' }, true, NO_ADDRESS],
  ])('%j with a believed X-Forwarded-For (%j): %s', async (asked, trustsForwardedFor, answer) => {
    expect(await ask(await gateway({ allowedIps: ['10.0.0.0/8'], trustsForwardedFor }), asked)).toBe(answer);
  });
});

describe('allowed_routes', () => {
  test.each<[readonly string[], string, unknown]>([
    [['/chat/completions'], 'POST /v1/chat/completions?x=1', 200],
    [['/chat/completions'], 'GET /v1/models', NO_ROUTE],
    [['/chat/completions'], 'GET /health/readiness', 200],
    [['/chat/completions'], 'POST /key/generate', NO_ROUTE],
    [['llm_api_routes'], 'GET /v1/models', 200],
    [['llm_api_routes'], 'GET /key/info', NO_ROUTE],
    [['info_routes'], 'GET /v1/models', 200],
    [['info_routes'], 'GET /key/info', AWAY],
    [['info_routes'], 'POST /key/generate', NO_ROUTE],
    [['management_routes'], 'POST /key/generate', AWAY],
    [['management_routes'], 'POST /v1/chat/completions', NO_ROUTE],
  ])('%j: %s is %s', async (allowedRoutes, path, answer) => {
    expect(await ask(await gateway({ allowedRoutes }), { path })).toBe(answer);
  });
});

describe('admin_only_routes', () => {
  test.each<[string, string, unknown]>([
    ['POST /v1/chat/completions', 'sk-key', NO_ROUTE],
    ['POST /v1/chat/completions', 'sk-master', 200],
    ['POST /v1/chat/completions', '', '401 missing_key'],
    ['GET /v1/models', 'sk-key', NO_ROUTE],
    ['GET /v1/%6dodels', 'sk-key', NO_ROUTE],
    // admin itself knows who is an administrator
    ['POST /key/generate', 'sk-key', AWAY],
  ])('%s with %j: %s', async (path, key, answer) => {
    const app = await gateway({ adminOnlyRoutes: ['/chat/completions', '/v1/models', '/key/generate'], publicRoutes: ['*'] });
    expect(await ask(app, { path, key })).toBe(answer);
  });
});

describe('public_routes', () => {
  test.each<[string, string, unknown]>([
    ['POST /v1/chat/completions', '', 200],
    ['POST /v1/chat/completions', 'anything', 200],
    ['POST /v1/chat/completions', 'sk-key', 200],
    ['POST /v1/chat/completions', 'sk-blocked', '401 key_blocked'],
    ['GET /v1/models', '', '401 missing_key'],
    ['GET /v1/models', 'anything', '401 unknown_key'],
  ])('of chat alone: %s with %j: %s', async (path, key, answer) => {
    expect(await ask(await gateway({ publicRoutes: ['/v1/chat/completions'] }), { path, key })).toBe(answer);
  });

  test('make everybody without a key one caller', async () => {
    const app = await gateway({ publicRoutes: ['*'] });
    const answer = await app.inject({ method: 'POST', url: '/v1/chat/completions' });
    expect(answer.json()).toMatchObject({ kind: 'key', record: { hash: 'public', models: [] } });
  });
});

test('a gateway without such settings looks at nothing', async () => {
  for (const access of [undefined, {}]) {
    const app = await gateway(access);
    expect(await ask(app, { forwarded: '10.1.1.1' })).toBe(200);
    expect(await ask(app, { key: '' })).toBe('401 missing_key');
  }
});
