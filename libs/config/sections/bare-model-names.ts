/** Model names that LiteLLM takes without a provider in front, as patterns, and the provider each stands for. */
export const BARE_MODEL_NAMES: readonly (readonly [pattern: string, provider: string])[] = [
  ['gpt-*', 'openai'],
  ['chatgpt-*', 'openai'],
  ['o1*', 'openai'],
  ['o3*', 'openai'],
  ['o4*', 'openai'],
  ['text-*', 'openai'],
  ['claude-*', 'anthropic'],
];

export function providerOfBareName(model: string): string | undefined {
  return BARE_MODEL_NAMES.find(([pattern]) => model.startsWith(pattern.slice(0, -1)))?.[1];
}
