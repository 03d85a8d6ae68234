import { describe, expect, test } from 'vitest';
import { type ConfigError, describeConfigError } from '../config-error.ts';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_ROUTING } from './read-routing.ts';

function read(settings: string, params = '') {
  const text = `model_list: [{model_name: m, litellm_params: {model: openai/x${params}}}]\n${settings}`;
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
}
const warningsOf = (settings: string) =>
  read(settings).warnings.filter((line) => line.includes('router_settings') || line.includes('routing'));

function problemsOf(settings: string): string {
  try {
    read(settings);
    return 'none';
  } catch (error) {
    return describeConfigError(error as ConfigError);
  }
}

describe('the choice among deployments', () => {
  test.each<[string, object]>([
    ['', DEFAULT_ROUTING],
    ['router_settings: {routing_strategy: least-busy}', { strategy: 'least-busy' }],
    [
      'router_settings: {routing_strategy: latency-based-routing, routing_strategy_args: {ttl: 60, lowest_latency_buffer: 0.5}}',
      { strategy: 'latency-based-routing', measurementsHoldMs: 60_000, latencyBuffer: 0.5 },
    ],
    ['router_settings: {enable_tag_filtering: true}', { tagFiltering: 'any' }],
    ['router_settings: {enable_tag_filtering: true, tag_filtering_match_any: false}', { tagFiltering: 'all' }],
    ['router_settings: {tag_filtering_match_any: false}', { tagFiltering: 'off' }],
    ['router_settings: {enable_pre_call_checks: true}', { checkInputLength: true, checkLimits: true }],
    ['router_settings: {optional_pre_call_checks: [enforce_model_rate_limits]}', { checkInputLength: false, checkLimits: true }],
    ['router_settings: {optional_pre_call_checks: [prompt_caching, responses_api_deployment_check]}', { affinity: 'prefix' }],
    ['router_settings: {optional_pre_call_checks: [deployment_affinity, session_affinity]}', { affinity: 'session' }],
    ['router_settings: {optional_pre_call_checks: [deployment_affinity]}', { affinity: 'key' }],
    ['router_settings: {optional_pre_call_checks: [prompt_caching]}\nheadrace: {routing: {affinity: off}}', { affinity: 'off' }],
    ['headrace: {routing: {affinity: session}}', { affinity: 'session' }],
  ])('%s', (settings, expected) => {
    expect(read(settings).routing).toMatchObject(expected);
    expect(warningsOf(settings)).toEqual([]);
  });

  test.each([
    ['router_settings: {routing_strategy: least-bussy}', /there is no routing strategy "least-bussy"[^]*did you mean "least-busy"/],
    ['router_settings: {routing_strategy: fastest-first-please}', /there is no routing strategy[^]*choose one of simple-shuffle, /],
    [
      'router_settings: {optional_pre_call_checks: [prompt_cashing]}',
      /no pre-call check "prompt_cashing"[^]*did you mean "prompt_caching"/,
    ],
    ['router_settings: {routing_strategy_args: {tll: 5}}', /unknown key "tll"[^]*did you mean "ttl"/],
    ['headrace: {routing: {affinity: sesion}}', /no affinity "sesion"[^]*did you mean "session"/],
  ])('%s is an error that says what was meant', (settings, message) => {
    expect(problemsOf(settings)).toMatch(message);
  });

  test('a check without effect is named', () => {
    expect(warningsOf('router_settings: {optional_pre_call_checks: [router_budget_limiting]}')).toEqual([
      'config.yaml:2: router_settings.optional_pre_call_checks "router_budget_limiting" has no effect yet',
    ]);
  });

  test('a deployment has its order and tags', () => {
    expect(read('', ', order: 2, tags: [free, eu]').deployments[0]).toMatchObject({ order: 2, tags: ['free', 'eu'] });
    expect(read('').deployments[0]).toMatchObject({ order: undefined, tags: undefined });
  });
});
