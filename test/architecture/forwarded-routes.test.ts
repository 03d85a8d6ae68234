import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { ROUTE_POLICY } from '../../services/admin/auth/route-policy.ts';
import { registerBatchesProxy } from '../../services/ingress/operator/batches-proxy.ts';
import { registerAdminProxy } from '../../services/ingress/operator/admin-proxy.ts';

test('every management route can be reached through the ingress', async () => {
  const app = Fastify();
  app.setErrorHandler((error: { code?: string }, _request, reply) => void reply.code(503).send({ code: error.code }));
  await registerAdminProxy(app, undefined);
  const unreached: string[] = [];
  for (const route of [...Object.keys(ROUTE_POLICY), 'GET /docs', 'GET /docs/static/x.css', 'GET /openapi.json', 'GET /']) {
    const [method, path = ''] = route.split(' ');
    const answer = await app.inject({ method: method as 'GET', url: path.replaceAll(/:\w+/g, 'x') });
    // without an admin service whatever is forwarded is answered with 503
    if (answer.statusCode !== 503) unreached.push(route);
  }
  expect(unreached).toEqual([]);
});

const BATCHES_ROUTES = [
  ...['v1/', ''].flatMap((base) => [`POST /${base}files`, `GET /${base}files/x/content`, `DELETE /${base}files/x`]),
  ...['v1/', ''].flatMap((base) => [`POST /${base}batches`, `GET /${base}batches`, `POST /${base}batches/x/cancel`]),
  ...['v1/', 'anthropic/v1/'].flatMap((base) => [`POST /${base}messages/batches`, `GET /${base}messages/batches/x/results`]),
];

test.each(BATCHES_ROUTES)('%s can be reached through the ingress', async (route) => {
  const app = Fastify();
  await registerBatchesProxy(app, undefined);
  const [method, url] = route.split(' ');
  expect((await app.inject({ method: method as 'GET', url: url ?? '' })).statusCode).not.toBe(404);
});
