import { describe, expect, test } from 'vitest';
import { parseConfig, type ParseOptions } from '../parse-config.ts';

const PROVIDERS = new Set(['openai', 'anthropic', 'groq', 'openrouter']);

function parse(text: string, options: Partial<ParseOptions> = {}) {
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: PROVIDERS, ...options });
}

function oneModel(params: string): string {
  return `model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n${params}`;
}

describe('provider and model', () => {
  test.each([
    ['model: anthropic/claude-sonnet-4', 'anthropic', 'claude-sonnet-4'],
    ['model: openai/hosted_vllm/llama-3.3-70b', 'openai', 'hosted_vllm/llama-3.3-70b'],
    ['model: openrouter/openai/gpt-4o', 'openrouter', 'openai/gpt-4o'],
    ['model: gpt-4o', 'openai', 'gpt-4o'],
    ['model: o3-mini', 'openai', 'o3-mini'],
    ['model: chatgpt-4o-latest', 'openai', 'chatgpt-4o-latest'],
    ['model: text-embedding-3-small', 'openai', 'text-embedding-3-small'],
    ['model: claude-opus-4-1', 'anthropic', 'claude-opus-4-1'],
    ['{model: meta-llama/Llama-3, custom_llm_provider: openai}', 'openai', 'meta-llama/Llama-3'],
    ['{model: openai/gpt-4o, custom_llm_provider: openai}', 'openai', 'gpt-4o'],
    ['{model: openai/gpt-4o, custom_llm_provider: openrouter}', 'openrouter', 'openai/gpt-4o'],
  ])('%s goes to %s as %s', (params, provider, upstreamModel) => {
    const text = params.startsWith('{') ? ` ${params}` : `\n      ${params}`;
    const { deployments } = parse(`model_list:\n  - model_name: m\n    litellm_params:${text}`);
    expect(deployments[0]).toMatchObject({ provider, upstreamModel });
  });

  test('a predicate may say which providers there are', () => {
    expect(parse(oneModel(''), { providers: (id) => id === 'openai' }).deployments).toHaveLength(1);
  });
});

describe('model "*"', () => {
  const text = 'model_list: [{model_name: "*", litellm_params: {model: "*"}}]';

  test('stands for every provider whose key is there, and for names that need no provider', () => {
    const { deployments } = parse(text, { keyedProviders: ['anthropic', 'groq'] });
    expect(deployments.map((deployment) => [deployment.modelGroup, deployment.provider, deployment.upstreamModel])).toEqual([
      ['anthropic/*', 'anthropic', '*'],
      ['groq/*', 'groq', '*'],
      ['claude-*', 'anthropic', 'claude-*'],
    ]);
    expect(new Set(deployments.map((deployment) => deployment.id)).size).toBe(3);
  });

  test('is an error where no key is there', () => {
    expect(() => parse(text)).toThrow('does not say which provider');
  });
});
