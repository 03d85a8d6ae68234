import { expect, test } from 'vitest';
import type { Principal } from './authenticate.ts';
import { requireParams } from './enforced-params.ts';
import type { RouteKind } from '#contracts';
import { requireRoute } from './route-access.ts';

const key = (allowedRoutes: readonly string[] | undefined, enforcedParams?: readonly string[]): Principal => ({
  kind: 'key',
  record: { v: 1, hash: 'h', masked: 'sk-…abcd', models: [], blocked: false, allowedRoutes, enforcedParams },
});

test.each<[readonly string[] | undefined, string, readonly RouteKind[], boolean]>([
  [undefined, '/v1/chat/completions', ['llm'], true],
  [[], '/v1/chat/completions', ['llm'], true],
  [['llm_api_routes'], '/v1/chat/completions', ['llm'], true],
  [['management_routes'], '/v1/chat/completions', ['llm'], false],
  [['info_routes'], '/v1/chat/completions', ['llm'], false],
  [['info_routes'], '/v1/models', ['llm', 'info'], true],
  [['llm_api_routes'], '/v1/models', ['llm', 'info'], true],
  [['/v1/embeddings'], '/v1/embeddings', ['llm'], true],
  [['/v1/embeddings'], '/embeddings?x=1', ['llm'], true],
  [['/embeddings'], '/v1/embeddings/', ['llm'], true],
  [['/v1/embeddings'], '/v1/embeddings/more', ['llm'], false],
  [['/v1/audio/*'], '/v1/audio/speech', ['llm'], true],
  [['/v1/audio/*'], '/v1/chat/completions', ['llm'], false],
  [['*'], '/anything', ['llm'], true],
])('a key for %j may call %s (%j): %j', (routes, url, kinds, allowed) => {
  const ask = (): void => requireRoute(key(routes), url, ...kinds);
  if (allowed) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'route_access_denied', status: 403 }));
});

test('the master key may call every route', () => {
  expect(() => requireRoute({ kind: 'master' }, '/v1/x', 'llm')).not.toThrow();
});

test.each<[readonly string[] | undefined, object, string | undefined]>([
  [undefined, {}, undefined],
  [['user'], { user: 'u' }, undefined],
  [['user'], {}, 'user'],
  [['user'], { user: '' }, 'user'],
  [['user'], { user: null }, 'user'],
  [['metadata.team'], { metadata: { team: 'x' } }, undefined],
  [['metadata.team'], { metadata: 'x' }, 'metadata.team'],
  [['user', 'metadata'], { user: 'u' }, 'metadata'],
])('a key that needs %j refuses %j for want of %s', (required, fields, missing) => {
  const ask = (): void => requireParams(key(undefined, required), { ...fields });
  if (missing === undefined) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request', param: missing }));
});
