import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';

const MODELS = 'model_list: [{model_name: m, litellm_params: {model: openai/m, api_key: x}}]';
const parse = (text: string) => parseConfig(`${MODELS}\n${text}`, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
const problemOf = (text: string) => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError && error.problems.length === 1) return error.problems[0];
    throw error;
  }
  return undefined;
};

describe('who may call what', () => {
  test('is nothing to look at unless general_settings says so', () => {
    expect(parse('general_settings: {max_request_size_mb: 5}').access).toBeUndefined();
  });

  test('is read as LiteLLM names it', () => {
    const text = `
general_settings:
  litellm_key_header_name: X-Litellm-Key
  user_header_name: X-User
  user_header_mappings:
    - {header_name: X-OpenWebUI-User-Id, litellm_user_role: internal_user}
    - {header_name: X-OpenWebUI-User-Email, litellm_user_role: customer}
  enforce_user_param: true
  enforced_params: [user, metadata.project]
  reject_clientside_metadata_tags: true
  allowed_ips: [203.0.113.7, 10.0.0.0/8, "2001:db8::/32"]
  use_x_forwarded_for: true
  allowed_routes: [/chat/completions, LiteLLMRoutes.info_routes, LiteLLMRoutes.public_routes]
  public_routes: [LiteLLMRoutes.public_routes]
  admin_only_routes: [/key/generate]`;
    expect(parse(text).access).toEqual({
      keyHeader: 'x-litellm-key',
      endUserHeaders: ['x-openwebui-user-email', 'x-user'],
      userHeader: 'x-openwebui-user-id',
      enforceUser: true,
      enforcedParams: ['user', 'metadata.project'],
      refusesClientTags: true,
      allowedIps: ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32'],
      trustsForwardedFor: true,
      allowedRoutes: expect.arrayContaining(['/chat/completions', 'info_routes', '/health/readiness']),
      publicRoutes: [],
      adminOnlyRoutes: ['/key/generate'],
    });
    expect(parse(text).warnings.filter((line) => line.includes('general_settings'))).toEqual([]);
  });

  test('takes one mapping of a header without a list', () => {
    const { access } = parse('general_settings: {user_header_mappings: {header_name: X-A, litellm_user_role: customer}}');
    expect(access).toMatchObject({ endUserHeaders: ['x-a'], userHeader: undefined });
  });

  test('warns of every route that needs no key', () => {
    const { access, warnings } = parse('general_settings: {public_routes: [/v1/embeddings, info_routes]}');
    expect(access?.publicRoutes).toEqual(['/v1/embeddings', 'info_routes']);
    const told = warnings.filter((line) => line.includes('without a key'));
    expect(told).toEqual([expect.stringContaining('/v1/embeddings'), expect.stringContaining('info_routes')]);
  });

  test.each<[string, RegExp, RegExp]>([
    ['allowed_ips: [10.0.0.0/33]', /"10\.0\.0\.0\/33" is no IP address/, /203\.0\.113\.7/],
    ['allowed_ips: [example.com]', /no IP address/, /10\.0\.0\.0\/8/],
    ['allowed_ips: ["fe80::1%eth0"]', /no IP address/, /2001:db8::1/],
    ['allowed_ips: []', /names no address/, /remove it/],
    ['allowed_routes: []', /names no route/, /remove it/],
    ['allowed_routes: [chat/completions]', /neither a path nor a group/, /\/v1\/embeddings/],
    ['public_routes: [llm_api_route]', /neither a path nor a group/, /llm_api_routes/],
    ['{public_routes: [/v1/models], admin_only_routes: [/v1/models]}', /admin_only_routes too/, /one of the two/],
    ['enforced_params: [metadata.]', /not the name of a field/, /metadata\.project/],
    ['enforce_user_param: sometimes', /true or false/, /^undefined$/],
    ['litellm_key_header_name: "X Key"', /name of an HTTP header/, /X-User-Email/],
    ['user_header_mappings: [{header_name: X-A, litellm_user_role: admin}]', /no role of a header called "admin"/, /customer/],
    ['user_header_mappings: [{litellm_user_role: customer}]', /header_name is missing/, /header_name/],
    [
      'user_header_mappings: [{header_name: a, litellm_user_role: internal_user}, {header_name: b, litellm_user_role: internal_user}]',
      /more than one header/,
      /leave one/,
    ],
    ['global_max_parallel_requests: 0', /requests at a time, 1 or more/, /^undefined$/],
    ['max_parallel_requests: many', /requests at a time, 1 or more/, /^undefined$/],
    ['always_include_stream_usage: maybe', /true or false/, /^undefined$/],
  ])('%s is an error that says what to write', (text, message, fix) => {
    const problem = problemOf(`general_settings: ${text.startsWith('{') ? text : `{${text}}`}`);
    expect(problem?.message).toMatch(message);
    expect(String(problem?.suggestion)).toMatch(fix);
    expect(problem?.path).toMatch(/^general_settings\./);
  });
});

describe('settings of streams and logs', () => {
  test('are read from litellm_settings where LiteLLM’s users write them', () => {
    const config = parse(
      'litellm_settings: {stream_timeout: 30, include_cost_in_streaming_usage: true, always_include_stream_usage: "yes", json_logs: true}',
    );
    expect(config.router.streamTimeoutMs).toBe(30_000);
    expect(config.prices).toMatchObject({ costInUsage: true, costInStreams: false });
    expect(config.litellm.alwaysStreamUsage).toBe(true);
    expect(config.warnings.filter((line) => line.includes('litellm_settings'))).toEqual([]);
  });

  test('leave the first word to router_settings and general_settings', () => {
    const config = parse(
      'litellm_settings: {stream_timeout: 30, always_include_stream_usage: true}\nrouter_settings: {stream_timeout: 20}\ngeneral_settings: {always_include_stream_usage: false}',
    );
    expect(config.router.streamTimeoutMs).toBe(20_000);
    expect(config.litellm.alwaysStreamUsage).toBe(false);
  });

  test('say so where logs stay JSON all the same', () => {
    expect(parse('litellm_settings: {json_logs: false}').warnings).toContainEqual(expect.stringContaining('all logs are JSON'));
  });
});
