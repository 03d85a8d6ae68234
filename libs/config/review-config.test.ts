import { describe, expect, test } from 'vitest';
import { parseConfig } from './parse-config.ts';

const PROVIDERS = new Set(['openai', 'anthropic', 'groq', 'openrouter']);

function parse(text: string) {
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: PROVIDERS });
}

function oneModel(params: string, rest = ''): string {
  return `model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n${params}${rest}`;
}

describe('warnings', () => {
  test('a key without effect is named once, however often it is used', () => {
    const entry = '{model_name: m, litellm_params: {model: openai/a, itpm: 1}}';
    const { warnings } = parse(`model_list:\n  - ${entry}\n  - ${entry}\n`);
    expect(warnings.filter((warning) => warning.includes('itpm'))).toEqual(['config.yaml:2: litellm_params.itpm has no effect yet']);
  });

  test.each([
    ['no fallback', '', ['no second provider for group m: an outage of openai takes it down']],
    [
      'a fallback to the same provider',
      'router_settings: {fallbacks: [{m: [same]}], default_fallbacks: [m]}',
      ['no second provider for groups m, same: an outage of openai takes them down'],
    ],
    ['a fallback to another provider', 'router_settings: {fallbacks: [{m: [other]}, {same: [other]}, {other: [m]}]}', []],
    ['a default fallback to another provider', 'litellm_settings: {default_fallbacks: [other, m]}', []],
  ])('a group with one provider is named: %s', (_name, settings, expected) => {
    const others =
      settings === ''
        ? ''
        : '  - {model_name: same, litellm_params: {model: openai/b}}\n  - {model_name: other, litellm_params: {model: anthropic/c}}\n';
    const { warnings } = parse(`model_list:\n  - {model_name: m, litellm_params: {model: openai/a}}\n${others}${settings}`);
    expect(warnings.filter((warning) => warning.includes('outage of openai'))).toEqual(expected);
  });

  test('two hosts of one dialect are two providers, and a URL is shown without its password', () => {
    const bases = ['http://u:hunter2@a:1/v1', 'http://b:2/v1'].map(
      (base) => `  - {model_name: m, litellm_params: {model: openai/x, api_base: "${base}"}}\n`,
    );
    expect(parse(`model_list:\n${bases.join('')}`).warnings).toEqual([]);
    expect(parse(`model_list:\n${bases[0]}`).warnings).toEqual(['no second provider for group m: an outage of a:1 takes it down']);
  });

  test('a fallback or alias that names no model is told, with the nearest name', () => {
    const { warnings } = parse(`${oneModel('')}router_settings: {fallbacks: [{n: [gone-model]}], model_group_alias: {x: mm}}`);
    expect(warnings).toContain('fallbacks names "gone-model", which is no model of model_list');
    expect(warnings).toContain('model_group_alias names "mm", which is no model of model_list; did you mean "m"?');
  });

  test.each(['general_settings: {}', 'model_list: []', 'model_list:'])('%s: a gateway without models says so', (text) => {
    expect(parse(text).warnings).toEqual(['model_list has no models: every request will be answered with model_not_found']);
  });

  test('a key given twice counts as LiteLLM counts it, the last, and is told', () => {
    const config = parse(`router_settings: {num_retries: 1}\n${oneModel('')}router_settings: {num_retries: 9, num_retries: 7}\n`);
    expect(config.router.numRetries).toBe(7);
    expect(config.warnings).toContain('config.yaml:6: router_settings is given more than once; the last one counts');
    expect(config.warnings).toContain('config.yaml:6: router_settings.num_retries is given more than once; the last one counts');
  });
});
