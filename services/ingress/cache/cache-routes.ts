import type { FastifyInstance, FastifyRequest } from 'fastify';
import { publishCacheNote } from '#bus';
import { asGatewayError, GatewayError } from '#contracts';
import { principalOf } from '../auth/authenticate-first.ts';
import { parseObject } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';

type OnRequest = (request: FastifyRequest, reply: unknown, done: (error?: Error) => void) => void;

const MOST_KEYS = 1_000;
const ENTRY_NAME = /^[0-9a-f]{64}$/;

/** LiteLLM's routes of the cache (https://docs.litellm.ai/docs/proxy/caching), for the master key. */
export function registerCacheRoutes(app: FastifyInstance, onRequest: OnRequest, resources: IngressResources): void {
  const options = { onRequest };
  app.get('/cache/ping', options, async (request) => {
    requireOperator(request);
    return ping(resources);
  });
  app.get('/cache/redis/info', options, async (request) => {
    requireOperator(request);
    return info(resources);
  });
  app.post('/cache/delete', options, async (request) => {
    requireOperator(request);
    return remove(readKeys(request.body), resources);
  });
  app.post('/cache/flushall', options, async (request) => {
    requireOperator(request);
    const removed = await fromStore(async (store) => store.deleteAll(), resources);
    publishCacheNote(resources.link, {});
    resources.answerCache.forget(undefined);
    return { status: 'success', deleted: removed };
  });
}

async function ping(resources: IngressResources) {
  const { config } = resources;
  const startedAt = performance.now();
  const { entries } = await fromStore((store) => store.size(), resources);
  return {
    status: 'healthy',
    cache_type: 'jetstream',
    ping_response: true,
    set_cache_response: 'success',
    headrace: { entries, milliseconds: Number((performance.now() - startedAt).toFixed(1)) },
    litellm_cache_params: config.cache === undefined ? null : paramsOf(config.cache),
    health_check_cache_params: {},
  };
}

function paramsOf({ byDefault, scope, ttlMs, namespace, dialects }: NonNullable<IngressResources['config']['cache']>) {
  return { mode: byDefault ? 'default_on' : 'default_off', scope, ttl: ttlMs / 1_000, namespace: namespace ?? null, formats: dialects };
}

async function info(resources: IngressResources) {
  const { entries, bytes } = await fromStore((store) => store.size(), resources);
  const { memory } = resources.answerCache;
  return { num_clients: 0, clients: [], info: { entries, bytes, memory_entries: memory.entries, memory_bytes: memory.bytes } };
}

async function remove(keys: readonly string[], resources: IngressResources) {
  const found = await fromStore(
    async (store) => Promise.all(keys.map(async (key) => ((await store.delete('*', key)) ? key : undefined))),
    resources,
  );
  publishCacheNote(resources.link, { hashes: keys });
  resources.answerCache.forget(keys);
  return { status: 'success', deleted: found.filter((key) => key !== undefined).length };
}

type Store = Awaited<ReturnType<IngressResources['answerCache']['store']>>;

async function fromStore<T>(work: (store: Store) => Promise<T>, { answerCache, config }: IngressResources): Promise<T> {
  if (config.cache === undefined) {
    const message = 'The cache is not switched on. Set litellm_settings.cache: true, or add a section headrace.cache.';
    throw new GatewayError('invalid_request', message);
  }
  try {
    return await work(await answerCache.store());
  } catch (cause) {
    throw new GatewayError('service_unavailable', 'The store of cached answers does not answer. Requests are answered without it.', {
      cause: asGatewayError(cause),
      retryAfterMs: 1_000,
    });
  }
}

function readKeys(body: unknown): readonly string[] {
  if (!Buffer.isBuffer(body) || body.length === 0) throw wrong();
  const { keys } = parseObject(body);
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) throw wrong();
  return keys.map((key: unknown) => {
    if (typeof key !== 'string' || !ENTRY_NAME.test(key)) throw wrong();
    return key;
  });
}

function wrong(): GatewayError {
  const message = `keys must be a list of 1 to ${MOST_KEYS} names of cached answers, as the header x-headrace-cache-key gives them.`;
  return new GatewayError('invalid_request', message, { param: 'keys' });
}

function requireOperator(request: FastifyRequest): void {
  if (principalOf(request).kind === 'master') return;
  throw new GatewayError('route_access_denied', 'Only the master key may look into the cache or empty it.');
}
