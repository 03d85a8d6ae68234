import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

const PROVIDERS = new Set(['openai', 'anthropic', 'groq', 'openrouter']);

function parse(text: string) {
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: PROVIDERS });
}

function oneModel(params: string, rest = ''): string {
  return `model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n${params}${rest}`;
}

describe('prices', () => {
  test.each([
    ['      input_cost_per_token: 3e-06\n      output_cost_per_token: 1.5e-05\n', '3e-06', '1.5e-05'],
    ['      input_cost_per_token: 0.00000010000000000000001\n      output_cost_per_token: 0\n', '0.00000010000000000000001', '0'],
    ['      cost_per_token: 2e-06\n', '2e-06', '2e-06'],
    ['      cost_per_token: 2e-06\n      output_cost_per_token: 9e-06\n', '2e-06', '9e-06'],
    ['    model_info: {cost_per_token: "0.5e-6"}\n', '0.5e-6', '0.5e-6'],
    ['      cost_per_token: 1e-06\n    model_info: {cost_per_token: 9e-06}\n', '1e-06', '1e-06'],
  ])('%j keeps its digits as written', (params, inputUsd, outputUsd) => {
    expect(parse(oneModel(params)).deployments[0]?.prices).toMatchObject({ inputUsd, outputUsd });
  });

  test('one price without the other leaves the other free, with a warning', () => {
    const config = parse(oneModel('      output_cost_per_token: 1e-06\n'));
    expect(config.deployments[0]?.prices).toMatchObject({ inputUsd: '0', outputUsd: '1e-06' });
    expect(config.warnings).toContain('config.yaml:5: output_cost_per_token without input_cost_per_token: the latter counts as 0');
  });

  test('cache prices alone are no price, with a warning', () => {
    const config = parse(oneModel('      cache_read_input_token_cost: 1e-06\n'));
    expect(config.deployments[0]?.prices).toBeUndefined();
    expect(config.warnings[0]).toMatch(/cache_read_input_token_cost has no effect without/);
  });

  test('a price that was meant per million is asked about', () => {
    const config = parse(oneModel('      cost_per_token: 3\n'));
    expect(config.warnings[0]).toMatch(/is \$3 per single token/);
  });

  test('a price LiteLLM knows and we do not apply is warned about, in model_info too', () => {
    const config = parse(
      oneModel('      input_cost_per_token_above_200k_tokens: 1e-06\n', '    model_info: {output_cost_per_image: 0.04}\n'),
    );
    expect(config.warnings.slice(0, 2)).toEqual([
      'config.yaml:5: litellm_params.input_cost_per_token_above_200k_tokens has no effect yet',
      'config.yaml:6: model_info.output_cost_per_image has no effect yet',
    ]);
    expect(config.deployments[0]?.defaultParams).toEqual({});
  });
});
