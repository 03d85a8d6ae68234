import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

function parse(settings: string, entry = '') {
  const text = `model_list: [{model_name: m, litellm_params: {model: openai/x${entry}}}]\n${settings}`;
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
}
const problemOf = (settings: string): string => {
  try {
    parse(settings);
  } catch (error) {
    return JSON.stringify(error);
  }
  return '';
};

describe('cooldowns', () => {
  test('are LiteLLM’s without settings', () => {
    expect(parse('').health).toEqual({ disabled: false, cooldownMs: 5_000, activeChecks: false, checkIntervalMs: 300_000 });
  });

  test.each([
    ['router_settings: {allowed_fails: 3, cooldown_time: 30}', { allowedFails: 3, cooldownMs: 30_000 }],
    ['litellm_settings: {allowed_fails: 1, cooldown_time: 2}', { allowedFails: 1, cooldownMs: 2_000 }],
    ['router_settings: {disable_cooldowns: true}', { disabled: true }],
    [
      'router_settings: {allowed_fails_policy: {RateLimitErrorAllowedFails: 0, NotFoundErrorAllowedFails: 4}}',
      { allowedFailsPolicy: { rate_limit: 0, not_found: 4 } },
    ],
    ['general_settings: {background_health_checks: true, health_check_interval: 60}', { activeChecks: true, checkIntervalMs: 60_000 }],
  ])('%s', (settings, expected) => {
    expect(parse(settings).health).toMatchObject(expected);
  });

  test('of one deployment are its own', () => {
    const [deployment] = parse('', ', cooldown_time: 1.5, allowed_fails: 9, max_retries: 4').deployments;
    expect(deployment).toMatchObject({ health: { cooldownMs: 1_500, allowedFails: 9 }, numRetries: 4 });
    expect(parse('').deployments[0]?.health).toBeUndefined();
  });
});

describe('retries', () => {
  test('are counted by kind of failure, for all groups and for one', () => {
    const { router } = parse(
      'router_settings: {retry_policy: {TimeoutErrorRetries: 3}, model_group_retry_policy: {m: {AuthenticationErrorRetries: 0}}}',
    );
    expect(router.retryPolicy).toEqual({ timeout: 3 });
    expect({ ...router.modelGroupRetryPolicy }).toEqual({ m: { authentication: 0 } });
  });

  test('of a kind that does not exist are a mistake that names the one that was meant', () => {
    expect(problemOf('router_settings: {retry_policy: {RateLimitErrorRetry: 3}}')).toContain('RateLimitErrorRetries');
    expect(problemOf('router_settings: {allowed_fails_policy: {RateLimitErrorAllowedFail: 3}}')).toContain('RateLimitErrorAllowedFails');
  });

  test('fallbacks for long and for refused requests are read from either section', () => {
    const { router } = parse(
      'router_settings: {context_window_fallbacks: [{m: [n]}]}\nlitellm_settings: {content_policy_fallbacks: [{m: [o]}]}',
    );
    expect([{ ...router.contextWindowFallbacks }, { ...router.contentPolicyFallbacks }]).toEqual([{ m: ['n'] }, { m: ['o'] }]);
  });
});
