import { expect, test } from 'vitest';
import type { Principal } from './authenticate.ts';
import { requireParams } from './enforced-params.ts';
import { refuseClientTags } from './refuse-client-tags.ts';
import type { ClientDialect, RouteKind } from '#contracts';
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
  const call = { dialect: 'openai-chat', fields: { ...fields } } as const;
  const ask = (): void => requireParams({ caller: { principal: key(undefined, required) }, call, access: undefined });
  if (missing === undefined) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request', param: missing }));
});

test.each<[string, object, { dialect?: ClientDialect; fields?: object; endUser?: string }, string | undefined]>([
  ['an end user', { enforceUser: true }, {}, 'user'],
  ['an end user that it has', { enforceUser: true }, { endUser: 'u' }, undefined],
  ['an end user, and only counts', { enforceUser: true }, { dialect: 'anthropic-count-tokens' }, undefined],
  ['a field', { enforcedParams: ['metadata.project'] }, { fields: { metadata: { team: 'x' } } }, 'metadata.project'],
  ['a field that it has', { enforcedParams: ['metadata.project'] }, { fields: { metadata: { project: 'x' } } }, undefined],
  ['what its key wants too', { enforcedParams: ['user'] }, { fields: { user: 'u' } }, 'seed'],
])('a request of a gateway that wants %s', (_what, wanted, { dialect = 'openai-chat', fields = {}, endUser }, missing) => {
  const principal = key(undefined, missing === 'seed' ? ['seed'] : undefined);
  const access = { enforceUser: false, enforcedParams: [], ...wanted };
  const ask = (): void => requireParams({ caller: { principal, by: { endUser } }, call: { dialect, fields: { ...fields } }, access });
  if (missing === undefined) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400, param: missing }));
});

test.each<[Record<string, string>, object, string | undefined]>([
  [{}, { metadata: { tags: ['a'] } }, 'metadata.tags'],
  [{}, { metadata: { tags: [] } }, 'metadata.tags'],
  [{}, { tags: ['a'] }, 'tags'],
  [{ 'x-litellm-tags': 'a' }, {}, 'x-litellm-tags'],
  [{}, { metadata: { project: 'tags' }, tags: null }, undefined],
  [{}, { metadata: 'tags' }, undefined],
])('where clients may write no tags, %j with %j is refused for %s', (headers, fields, param) => {
  const ask = (): void => refuseClientTags(headers, { ...fields });
  if (param === undefined) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
});
