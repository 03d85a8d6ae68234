import { expect, test } from 'vitest';
import { mapSecrets } from './secret-params.ts';

const shown = (params: Record<string, unknown>) => mapSecrets(params, () => undefined);
const hidden = (params: Record<string, unknown>) => mapSecrets(params, (_text, place) => `<${place}>`);

test.each([
  'api_key',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'aws_web_identity_token',
  'client_secret',
  'azure_ad_token',
  'azure_password',
  'token',
  'watsonx_apikey',
  'zen_api_key',
  'langfuse_secret_key',
  's3_aws_secret_access_key',
  'my_bearer',
  'vertex_credentials',
  'vertex_ai_credentials',
])('%s is a secret', (name) => {
  expect(shown({ model: 'openai/a', [name]: 'x-1' })).toEqual({ model: 'openai/a' });
});

test.each([
  ['model', 'openai/gpt-4o'],
  ['max_tokens', 100],
  ['max_completion_tokens', 100],
  ['input_cost_per_token', 0.000001],
  ['output_cost_per_reasoning_token', '0.000001'],
  ['cache_read_input_token_cost', 0.1],
  ['rpm', 10],
  ['organization', 'org-1'],
  ['prompt_cache_key', 'shared'],
  ['aws_region_name', 'eu-central-1'],
  ['vertex_project', 'p'],
  ['api_base', 'https://host.example/v1'],
  ['stop', ['a', 'b']],
  ['temperature', 0],
])('%s is none', (name, value) => {
  expect(shown({ [name]: value })).toEqual({ [name]: value });
});

test('all headers are, and whatever lies under a secret name', () => {
  expect(
    hidden({
      extra_headers: { 'x-tenant': 't', nested: { more: 'm' } },
      vertex_credentials: { type: 'service_account', private_key: 'k' },
      extra_body: { kept: 'v', api_key: 'k', list: [{ token: 't', kept: 1 }] },
    }),
  ).toEqual({
    extra_headers: {
      'x-tenant': '<litellm_params.extra_headers.x-tenant>',
      nested: { more: '<litellm_params.extra_headers.nested.more>' },
    },
    vertex_credentials: {
      type: '<litellm_params.vertex_credentials.type>',
      private_key: '<litellm_params.vertex_credentials.private_key>',
    },
    extra_body: {
      kept: 'v',
      api_key: '<litellm_params.extra_body.api_key>',
      list: [{ token: '<litellm_params.extra_body.list[0].token>', kept: 1 }],
    },
  });
});

test('an address is one when it holds a password or a query', () => {
  expect(shown({ api_base: 'https://user:pw@host.example/v1' })).toEqual({});
  expect(shown({ api_base: 'https://host.example/v1?key=1' })).toEqual({});
});

test('a key that is written as a number is one, a reference to the environment is none', () => {
  expect(hidden({ api_key: 12345 })).toEqual({ api_key: '<litellm_params.api_key>' });
  expect(hidden({ api_key: 'os.environ/KEY' })).toEqual({ api_key: 'os.environ/KEY' });
});
