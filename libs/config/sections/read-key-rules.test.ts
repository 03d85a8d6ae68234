import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { parseConfig } from '../parse-config.ts';

const MODELS = 'model_list: [{model_name: m, litellm_params: {model: openai/m, api_key: x}}]';
const parse = (text: string): GatewayConfig =>
  parseConfig(`${MODELS}\n${text}`, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
const problemsOf = (text: string): readonly string[] => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message);
  }
  return [];
};

describe('what new keys get and may have', () => {
  test('is nothing and everything unless the configuration says', () => {
    expect(parse('').keys).toEqual({ defaults: {}, upperBounds: {}, tokenLimitType: 'total' });
  });

  test('is read as LiteLLM names it', () => {
    const config = parse(
      [
        'litellm_settings:',
        '  default_key_generate_params: {max_budget: 1.5, models: [m], duration: 30d, tpm_limit: 100}',
        '  upperbound_key_generate_params: {max_budget: 10, budget_duration: 30d, rpm_limit: 60, max_parallel_requests: 5}',
        'general_settings: {token_rate_limit_type: output}',
      ].join('\n'),
    );
    expect(config.keys).toEqual({
      defaults: { max_budget: 1.5, models: ['m'], duration: '30d', tpm_limit: 100 },
      upperBounds: { max_budget: 10, budget_duration: '30d', rpm_limit: 60, max_parallel_requests: 5 },
      tokenLimitType: 'output',
    });
    expect(config.warnings.filter((line) => line.includes('key'))).toEqual([]);
  });

  test.each([
    'litellm_settings: {upperbound_key_generate_params: {max_budget: -1}}',
    'litellm_settings: {upperbound_key_generate_params: {duration: soon}}',
    'litellm_settings: {upperbound_key_generate_params: {models: [m]}}',
    'litellm_settings: {default_key_generate_params: {max_buget: 1}}',
    'litellm_settings: {default_key_generate_params: {rpm_limit: 1.5}}',
    'general_settings: {token_rate_limit_type: both}',
  ])('%s is an error', (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });
});
