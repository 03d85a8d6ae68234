import { describe, expect, it } from 'vitest';
import type { ProviderRecord } from '../provider-record.ts';
import { matchesModel } from './find-family.ts';
import { type ProviderQuestion, resolveProvider } from './resolve-provider.ts';

const RECORD: ProviderRecord = {
  id: 'acme',
  name: 'Acme',
  dialect: 'openai-chat',
  baseUrl: 'https://{host}',
  settings: {
    host: {
      params: ['acme_region', 'region'],
      env: ['ACME_REGION'],
      fallback: 'one',
      values: { one: 'acme.example', '*': '{value}.acme.example' },
    },
    project: { params: ['acme_project'], env: [] },
  },
  paths: { 'openai-embeddings': '/e/{model}', chat: { whole: '/c/{project}', stream: '/s?x={project}' }, every: '/all{path}' },
  query: { version: '1', project: '{project}' },
  headers: { 'x-project': '{project}', 'x-fixed': 'yes' },
  body: { project_id: '{project}' },
  families: [
    { models: ['raw/'], prefix: 'raw/', dialect: 'anthropic-messages', paths: {}, query: {} },
    { clients: ['openai-responses'], dialect: 'openai-responses', baseUrl: 'https://responses.example' },
    { settings: { project: ['special'] }, quirks: { maxTokensField: 'max_tokens' } },
  ],
  envKeys: ['ACME_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: undefined,
};

function ask(change: Partial<ProviderQuestion> & { params?: Record<string, string>; vars?: Record<string, string> } = {}) {
  return resolveProvider(RECORD, {
    model: 'm',
    clientDialect: 'openai-chat',
    ownBase: undefined,
    param: (name) => change.params?.[name],
    env: (name) => change.vars?.[name],
    missing: (names) => {
      throw new Error(`missing ${names}`);
    },
    ...change,
  });
}

describe('a placeholder', () => {
  it('is the deployment’s parameter, else the variable, else the default, in the words of the provider', () => {
    expect(ask().baseUrl).toBe('https://acme.example');
    expect(ask({ vars: { ACME_REGION: 'two' } }).baseUrl).toBe('https://two.acme.example');
    expect(ask({ vars: { ACME_REGION: 'two' }, params: { region: 'three' } }).baseUrl).toBe('https://three.acme.example');
    expect(ask({ params: { acme_region: '', region: 'three' } }).baseUrl).toBe('https://three.acme.example');
  });

  it('that has no value is missed in a path, by the names to set it, and left out elsewhere', () => {
    const { headers, query, body, path } = ask();
    expect(() => path('/chat', false)).toThrow('missing acme_project');
    expect([headers, query, body]).toEqual([{ 'x-fixed': 'yes' }, { version: '1' }, {}]);
    expect(ask({ params: { acme_project: 'p' } })).toMatchObject({
      headers: { 'x-fixed': 'yes', 'x-project': 'p' },
      query: { version: '1', project: 'p' },
      body: { project_id: 'p' },
    });
  });
});

describe('a path', () => {
  const params = { acme_project: 'p' };

  it('is that of the client’s format, else that of conversations, else that of all', () => {
    expect(ask({ params }).path('/chat', false)).toBe('/c/p');
    expect(ask({ params }).path('/chat', true)).toBe('/s?x=p');
    expect(ask({ params, clientDialect: 'anthropic-messages' }).path('/chat', false)).toBe('/c/p');
    expect(ask({ params, clientDialect: 'openai-embeddings' }).path('/embeddings', false)).toBe('/e/m');
    expect(ask({ params, clientDialect: 'openai-speech' }).path('/audio/speech', false)).toBe('/all/audio/speech');
  });

  it('holds a model name that stays one name', () => {
    const pathOf = (model: string) => ask({ model, clientDialect: 'openai-embeddings' }).path('', false);
    expect(pathOf('@cf/meta/a:1')).toBe('/e/@cf/meta/a:1');
    expect(pathOf('a?b#c d\\e')).toBe('/e/a%3Fb%23c%20d%5Ce');
  });
});

describe('a family', () => {
  it('is the first that fits, and its prefix is not sent', () => {
    const raw = ask({ model: 'raw/x/y', clientDialect: 'openai-responses' });
    expect(raw).toMatchObject({ dialect: 'anthropic-messages', model: 'x/y', query: {} });
    expect(raw.path('/v1/messages', false)).toBe('/v1/messages');
  });

  it('may be for clients of one format, at a host that the operator’s own replaces', () => {
    expect(ask({ clientDialect: 'openai-responses' })).toMatchObject({ dialect: 'openai-responses', baseUrl: 'https://responses.example' });
    expect(ask({ clientDialect: 'openai-responses', ownBase: 'http://own' })).toMatchObject({
      dialect: 'openai-chat',
      baseUrl: 'http://own',
    });
  });

  it('may depend on a setting', () => {
    expect(ask({ params: { acme_project: 'special' } }).quirks).toEqual({ maxTokensField: 'max_tokens' });
    expect(ask({ params: { acme_project: 'other' } }).quirks).toEqual({});
  });

  it.each([
    ['claude-', 'claude-3', true],
    ['claude-', 'my-claude-3', false],
    ['*.anthropic.', 'eu.anthropic.claude', true],
    ['*.anthropic.', 'anthropic.claude', false],
    ['*/*-maas', 'meta/llama-maas', true],
    ['*/*-maas', 'llama-maas', false],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acb', false],
    ['', 'anything', true],
  ])('%s matches %s: %s', (pattern, model, matches) => {
    expect(matchesModel(pattern, model)).toBe(matches);
  });
});
