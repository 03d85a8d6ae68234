import { describe, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { checkTeamModel } from './model-rights.ts';

const caller = (role: 'proxy_admin' | 'team_admin'): Caller => ({
  kind: 'master',
  userId: undefined,
  roles: new Set([role]),
  userRole: undefined,
  teams: [],
  organizationIds: [],
  memberOf: [],
});
const draft = (params: Record<string, unknown>, modelName = 'fast') => ({
  modelName,
  teamId: 'red',
  litellmParams: { model: 'openai/a', ...params },
});

describe("what a team's admin may set", () => {
  test.each([
    [{ api_key: 'sk-own' }],
    [{ api_key: 'sk-own', api_base: 'https://models.example.com/v1' }],
    [{ api_key: 'sk-own', api_base: 'https://models.example.com:8443/v1' }],
  ])('%j', (params) => {
    expect(() => checkTeamModel(caller('team_admin'), draft(params))).not.toThrow();
  });

  test.each([
    ['no key of its own', {}],
    ["the gateway's environment", { api_key: 'os.environ/OPENAI_API_KEY' }],
    ['the environment deep inside', { api_key: 'sk-own', extra_body: { a: ['os.environ/SECRET'] } }],
    ['plain http', { api_key: 'sk-own', api_base: 'http://models.example.com/v1' }],
    ['this machine', { api_key: 'sk-own', api_base: 'https://localhost/v1' }],
    ['this machine with a dot', { api_key: 'sk-own', api_base: 'https://localhost./v1' }],
    ['an address', { api_key: 'sk-own', api_base: 'https://10.0.0.1/v1' }],
    ['an address as one number', { api_key: 'sk-own', api_base: 'https://2130706433/v1' }],
    ['an address of version 6', { api_key: 'sk-own', api_base: 'https://[::1]/v1' }],
    ['a name of the network', { api_key: 'sk-own', api_base: 'https://metadata.internal/v1' }],
    ['a name without a domain', { api_key: 'sk-own', api_base: 'https://intranet/v1' }],
    ['the other name of the address', { api_key: 'sk-own', base_url: 'https://10.0.0.1/v1' }],
    ['both names of the address', { api_key: 'sk-own', api_base: 'https://10.0.0.1/v1', base_url: 'https://models.example.com' }],
    ['the machine’s identity at a cloud', { model: 'bedrock/a', api_key: 'sk-own' }],
    ['the same under another name', { model: 'a', custom_llm_provider: 'vertex_ai', api_key: 'sk-own' }],
    ['a host on this machine', { model: 'ollama/a', api_key: 'sk-own' }],
    ['another service of a cloud', { api_key: 'sk-own', aws_sts_endpoint: 'https://10.0.0.1' }],
  ])('not %s', (_what, params) => {
    expect(() => checkTeamModel(caller('team_admin'), draft(params))).toThrow(/litellm_params/);
    expect(() => checkTeamModel(caller('proxy_admin'), draft(params))).not.toThrow();
  });

  test('nobody makes a pattern for a team', () => {
    expect(() => checkTeamModel(caller('proxy_admin'), draft({ api_key: 'k' }, 'openai/*'))).toThrow(/model_name/);
  });
});
