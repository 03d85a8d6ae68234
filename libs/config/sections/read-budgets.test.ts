import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { parseConfig } from '../parse-config.ts';

const parse = (text: string): GatewayConfig =>
  parseConfig(
    `model_list: [{model_name: m, litellm_params: {model: openai/m, api_key: x, max_budget: 3, budget_duration: 12h}}]\n${text}`,
    {
      file: 'config.yaml',
      env: {},
      providers: new Set(['openai']),
    },
  );
const problemsOf = (text: string): readonly string[] => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message);
  }
  return [];
};

describe('budgets of the configuration', () => {
  test('say by default how they are kept, and limit nothing', () => {
    expect(parse('').budgets).toMatchObject({ defaultOutputTokens: 4_096, failClosed: false, providers: {} });
    expect(parse('').budgets?.gateway).toBeUndefined();
  });

  test('may be the gateway’s, a provider’s, a deployment’s, and every end user’s; amounts stay as they are written', () => {
    const config = parse(
      [
        'litellm_settings: {max_budget: 100.10, budget_duration: 30d, max_end_user_budget: 0.5, max_end_user_budget_id: free}',
        'router_settings: {provider_budget_config: {openai: {budget_limit: 1e2, time_period: 1d}, mistral: {max_budget: "7", budget_duration: 1mo}}}',
      ].join('\n'),
    );
    expect(config.budgets).toMatchObject({
      gateway: { id: '30d', limitUsd: '100.10', period: '30d', reset: 'calendar' },
      endUserBudget: { limitUsd: '0.5' },
      endUserBudgetId: 'free',
      providers: {
        openai: { limitUsd: '100', period: '1d', reset: 'calendar' },
        mistral: { limitUsd: '7', period: '1mo', reset: 'calendar' },
      },
    });
    expect(config.deployments[0]?.budget).toEqual({ id: '12h', limitUsd: '3', period: '12h', reset: 'fixed' });
  });

  test('are kept as headrace.budgets says', () => {
    const config = parse(
      'headrace: {budget_exceeded_status: 429, budgets: {default_output_tokens: 1000, unknown_price_usd: 0.05, fail_closed: true, time_zone: Europe/Berlin}}',
    );
    expect(config.budgets).toMatchObject({
      timeZone: 'Europe/Berlin',
      exceededStatus: 429,
      defaultOutputTokens: 1_000,
      unknownPriceUsd: '0.05',
      failClosed: true,
    });
  });

  test.each([
    'litellm_settings: {max_budget: -1}',
    'headrace: {budgets: {time_zone: Mars/Olympus}}',
    'litellm_settings: {max_budget: 5, budget_duration: soon}',
    'router_settings: {provider_budget_config: {openai: {time_period: 1d}}}',
    'router_settings: {provider_budget_config: {openai: {budget_limit: 1, time_periot: 1d}}}',
    'headrace: {budget_exceeded_status: 500}',
    'headrace: {budgets: {default_output_tokens: 0}}',
    'headrace: {budgets: {unknown_prise_usd: 1}}',
  ])('%s is a problem', (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });
});
