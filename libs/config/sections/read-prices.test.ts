import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
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
    const config = parse(oneModel('      ocr_cost_per_page: 0.001\n', '    model_info: {input_cost_per_video_per_second: 0.04}\n'));
    expect(config.warnings.slice(0, 2)).toEqual([
      'config.yaml:5: litellm_params.ocr_cost_per_page has no effect yet',
      'config.yaml:6: model_info.input_cost_per_video_per_second has no effect yet',
    ]);
    expect(config.deployments[0]?.defaultParams).toEqual({});
  });

  test('tiers, media and fees keep LiteLLM’s names and their digits', () => {
    const params = [
      'input_cost_per_token: 3e-06',
      'output_cost_per_token: 15e-06',
      'input_cost_per_token_above_200k_tokens: 6e-06',
      'output_cost_per_token_flex: 7.5e-06',
      'output_cost_per_reasoning_token: 1e-06',
      'output_cost_per_image: 0.04',
      'input_cost_per_second: 0.0001',
      'web_search_billing_unit: per_prompt',
      'search_context_cost_per_query: {search_context_size_low: 0.03, search_context_size_medium: 0.035}',
    ];
    expect(parse(oneModel(params.map((line) => `      ${line}\n`).join(''))).deployments[0]?.prices).toMatchObject({
      inputUsd: '3e-06',
      searchPerPrompt: true,
      further: {
        input_cost_per_token_above_200k_tokens: '6e-06',
        output_cost_per_token_flex: '7.5e-06',
        output_cost_per_reasoning_token: '1e-06',
        output_cost_per_image: '0.04',
        input_cost_per_second: '0.0001',
        web_search_cost_per_query: '0.035',
      },
    });
  });

  test('a list of ranges becomes prices above a number of tokens', () => {
    const tiers = `[{range: [0, 32000], input_cost_per_token: 1e-06, output_cost_per_token: 2e-06}, {range: [32000, 128000], input_cost_per_token: 3e-06}]`;
    expect(parse(oneModel(`      tiered_pricing: ${tiers}\n`)).deployments[0]?.prices).toMatchObject({
      inputUsd: '1e-06',
      outputUsd: '2e-06',
      further: { input_cost_per_token_above_32000_tokens: '3e-06' },
    });
  });

  test('a price of pictures alone is a price, and no suspicion falls on 4 cents a piece', () => {
    const config = parse(oneModel('      output_cost_per_image: 0.04\n'));
    expect(config.deployments[0]?.prices).toMatchObject({ inputUsd: '0', outputUsd: '0', further: { output_cost_per_image: '0.04' } });
    expect(config.warnings.join()).not.toContain('cost');
  });

  test.each([
    ['      input_cost_per_tokn_above_200k_tokens: 1e-06\n', 'input_cost_per_token_above_200k_tokens'],
    ['      output_cost_per_token_flx: 1e-06\n', 'output_cost_per_token_flex'],
    ['      input_cost_pr_token: 1e-06\n', 'input_cost_per_token'],
    ['    model_info: {cost_per_tokens: 1e-06}\n', 'cost_per_token'],
  ])('%j is asked about', (params, meant) => {
    expect(() => parse(oneModel(params))).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ suggestion: expect.stringContaining(meant) })] }),
    );
  });

  test.each(['-1', '1e9', 'cheap', '[1]', '0x10', '.inf'])('%s is no price', (text) => {
    expect(() => parse(oneModel(`      output_cost_per_image: ${text}\n`))).toThrow(ConfigError);
  });
});

describe('headrace.prices', () => {
  const settings = (text: string) => parse(`${oneModel('')}headrace: {prices: ${text}}\n`).prices;

  test('names a file, an address and its rhythm', () => {
    expect(
      settings(
        '{file: prices.json, url: "https://prices.example/p.json", url_hours: 6, url_max_mb: 2, provider_cost: first, cost_in_streams: true}',
      ),
    ).toEqual({
      file: 'prices.json',
      url: 'https://prices.example/p.json',
      urlIntervalMs: 6 * 3_600_000,
      urlMaxBytes: 2 * 1024 * 1024,
      providerCost: 'first',
      costInStreams: true,
    });
  });

  test.each([
    '{url: "http://prices.example/p.json"}',
    '{url: "https://me:secret@prices.example/"}',
    '{url: 5}',
    '{provider_cost: often}',
    '{url_hours: 0}',
    '{fle: x}',
  ])('%s is refused', (text) => {
    expect(() => settings(text)).toThrow(ConfigError);
  });

  test('is off unless asked for', () => {
    expect(parse(oneModel('')).prices).toMatchObject({ file: undefined, url: undefined, providerCost: 'last', costInStreams: false });
  });

  test('a deployment has its own rule for costs that its provider states', () => {
    expect(parse(oneModel('    model_info: {provider_cost: never}\n')).deployments[0]?.providerCost).toBe('never');
  });
});
