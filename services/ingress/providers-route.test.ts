import { hash } from 'node:crypto';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { PROVIDERS } from '#providers';
import type { IngressResources } from './resources.ts';
import { registerProvidersRoute } from './providers-route.ts';

const deployment = { provider: 'openai', apiKey: { literal: 'sk-secret' }, apiBase: { literal: 'http://internal.example' } };

function app() {
  const fastify = Fastify({ logger: false });
  registerProvidersRoute(fastify, {
    config: { deployments: [deployment, deployment] },
    keys: { find: () => undefined },
    masterKeyHash: hash('sha256', 'sk-master'),
    now: () => 0,
  } as unknown as IngressResources);
  return fastify;
}

it('lists every provider with what is needed to use it and how many deployments do, and no secret', async () => {
  const answer = await app().inject({ url: '/v1/providers', headers: { authorization: 'Bearer sk-master' } });
  expect(answer.statusCode).toBe(200);
  const { data } = answer.json<{ data: { id: string }[] }>();
  expect(data).toHaveLength(PROVIDERS.length);
  const find = (id: string) => data.find((entry) => entry.id === id);
  expect(find('openai')).toMatchObject({
    object: 'provider',
    host: 'https://api.openai.com/v1',
    host_confidence: 'source',
    configured_deployments: 2,
    dialects: ['openai-chat', 'openai-responses'],
  });
  expect(find('mistral')).toMatchObject({ configured_deployments: 0 });
  expect(find('voyage')).toMatchObject({ operations: ['openai-embeddings', 'cohere-rerank'] });
  expect(answer.body).not.toMatch(/secret|internal\.example/);
});

it('is for those who have a key', async () => {
  expect((await app().inject({ url: '/v1/providers' })).statusCode).not.toBe(200);
});
