import { describe, expect, test } from 'vitest';
import type { Deployment } from '#config';
import { GatewayError } from '#contracts';
import { findProvider } from '#providers';
import { createTargetResolver } from './upstream-target.ts';

function deployment(change: Partial<Deployment> = {}): Deployment {
  return {
    id: 'd1',
    modelGroup: 'planner',
    provider: 'openai',
    upstreamModel: 'gpt-4o',
    apiBase: undefined,
    apiKey: undefined,
    extraHeaders: {},
    ...change,
  } as Deployment;
}

function resolver(env: Record<string, string | undefined>) {
  return createTargetResolver({
    env,
    now: () => 0,
    fetch: () => Promise.reject(new Error('nobody is asked')),
    readFile: () => {
      throw new Error('no file');
    },
  });
}

const resolve = (change: Partial<Deployment>, env: Record<string, string | undefined> = {}) =>
  resolver(env)(deployment(change), 'openai-chat');

function refusal(change: Partial<Deployment>, env: Record<string, string | undefined> = {}): GatewayError {
  try {
    resolve(change, env);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('resolved');
}

describe('a deployment’s target', () => {
  test('takes the key of the entry before the one of the provider’s variable', () => {
    const env = { OPENAI_API_KEY: 'general', MY_KEY: 'mine' };
    expect(resolve({ apiKey: { env: 'MY_KEY' } }, env).headers).toMatchObject({ authorization: 'Bearer mine' });
    expect(resolve({}, env).headers).toMatchObject({ authorization: 'Bearer general' });
  });

  test('sends the key in the header the provider wants', () => {
    const { headers } = resolve({ provider: 'anthropic', apiKey: { literal: 'k' } });
    expect(headers).toMatchObject({ 'x-api-key': 'k' });
    expect(headers).not.toHaveProperty('authorization');
  });

  test('asks for an answer that is not compressed', () => {
    expect(resolve({ apiKey: { literal: 'k' } }).headers['accept-encoding']).toBe('identity');
  });

  test('lets extra headers win, and leaves out those whose variable is not set', () => {
    const { headers } = resolve({
      apiKey: { literal: 'k' },
      extraHeaders: { authorization: { literal: 'Custom x' }, 'x-team': { env: 'NOT_SET' } },
    });
    expect(headers['authorization']).toBe('Custom x');
    expect(headers).not.toHaveProperty('x-team');
  });

  test.each([
    ['a base with a version', 'https://host.example/v1', '/v1/chat/completions'],
    ['a base with a slash at the end', 'https://host.example/v1/', '/v1/chat/completions'],
    ['a base with a path', 'http://10.0.0.1:8000/llm/v1', '/llm/v1/chat/completions'],
    ['a base with a query', 'https://host.example/v1?api-version=2', '/v1/chat/completions?api-version=2'],
    ['a base that is the whole address', 'https://host.example/v1/chat/completions', '/v1/chat/completions'],
  ])('joins %s', (_what, base, path) => {
    expect(resolve({ apiBase: { literal: base }, apiKey: { literal: 'k' } }).pathFor('/chat/completions', false)).toBe(path);
  });

  test('shows its base without credentials and query', () => {
    const { publicBase } = resolve({ apiBase: { literal: 'https://user:secret@host.example/v1/?token=secret' }, apiKey: { literal: 'k' } });
    expect(publicBase).toBe('https://host.example/v1');
  });

  test('with an address of its own needs no key', () => {
    const { headers } = resolve({ provider: 'hosted_vllm', apiBase: { literal: 'http://10.0.0.1:8000/v1' } });
    expect(headers).not.toHaveProperty('authorization');
  });

  test('is resolved once per deployment and client format', () => {
    const targetOf = resolver({ OPENAI_API_KEY: 'k' });
    const one = deployment();
    expect(targetOf(one, 'openai-chat')).toBe(targetOf(one, 'openai-chat'));
    expect(targetOf(one, 'openai-responses')).not.toBe(targetOf(one, 'openai-chat'));
    expect(targetOf(deployment(), 'openai-chat')).not.toBe(targetOf(one, 'openai-chat'));
  });

  test('has a place to wait only for a provider whose credentials change', () => {
    expect(resolve({ apiKey: { literal: 'k' } }).authorize).toBeUndefined();
    const google = { provider: 'vertex_ai', upstreamModel: 'gemini-2.5-pro', settings: { vertex_project: { literal: 'p' } } };
    expect(resolve(google).authorize).toBeTypeOf('function');
  });

  test.each(['../../admin', 'a/../../b', '%2e%2e/x', '..\\x', '.', '..', 'x?y=#z'])(
    'never leads elsewhere by a model called %s',
    (model) => {
      const target = resolve({
        provider: 'azure',
        upstreamModel: model,
        apiBase: { literal: 'https://r.example' },
        apiKey: { literal: 'k' },
      });
      const path = (): string => {
        try {
          return target.pathFor('/chat/completions', false);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request', param: 'model' });
          return '';
        }
      };
      expect(path()).toMatch(/^$|^\/openai\/deployments\/[^/?]+(?:\/x)?\/chat\/completions\?api-version=[\w-]+$/);
    },
  );

  test.each(['/model/../x', '/models/%2E%2e/x', '/model/.', '/models/..\\x'])('never follows a path of the dialect such as %s', (path) => {
    expect(() => resolve({ apiKey: { literal: 'k' } }).pathFor(path, false)).toThrow(GatewayError);
  });

  test('of a provider without a key of its own takes its address from the environment', () => {
    expect(findProvider('sandbox')?.auth.kind).toBe('none');
    expect(resolve({ provider: 'sandbox' }, { HEADRACE_SANDBOX_URL: 'http://127.0.0.1:9/v1' }).origin).toBe('http://127.0.0.1:9');
  });
});

describe('a deployment that is not set up', () => {
  test.each<[string, Partial<Deployment>, Record<string, string | undefined>, RegExp]>([
    ['no key anywhere', {}, {}, /no API key for planner: set OPENAI_API_KEY/],
    ['a key whose variable is not set', { apiKey: { env: 'NOT_SET' } }, { OPENAI_API_KEY: 'general' }, /no API key/],
    ['an empty key', { apiKey: { literal: '' } }, {}, /no API key/],
    ['no address', { provider: 'hosted_vllm' }, {}, /api_base is missing for planner/],
    ['an address whose variable is not set', { apiBase: { env: 'NOT_SET' }, apiKey: { literal: 'k' } }, {}, /api_base/],
    ['an address that is no URL', { apiBase: { literal: 'host.example' }, apiKey: { literal: 'k' } }, {}, /not an http\(s\) URL/],
    [
      'an address of another protocol',
      { apiBase: { literal: 'file:///etc/passwd' }, apiKey: { literal: 'k' } },
      {},
      /not an http\(s\) URL/,
    ],
    ['a provider nobody knows', { provider: 'nobody' }, {}, /nobody is not known/],
  ])('with %s is refused, and the job may go elsewhere', (_what, change, env, message) => {
    const error = refusal(change, env);
    expect(error).toMatchObject({ code: 'upstream_auth', retry: 'elsewhere' });
    expect(error.message).toMatch(message);
  });

  test('is told about without its secrets or its address', () => {
    const { message } = refusal({ apiBase: { literal: 'gopher://user:secret@internal.example' }, apiKey: { literal: 'sk-secret' } });
    expect(message).not.toMatch(/secret|internal/);
  });

  test('never sends prompts meant for a host of the operator’s to the provider’s public address', () => {
    expect(() =>
      resolve({ apiBase: { env: 'NOT_SET' } }, { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://elsewhere.example/v1' }),
    ).toThrow(/api_base/);
  });
});
