import { PROVIDERS } from './table.ts';

/** The provider a model name without one belongs to, as LiteLLM reads it. */
export function providerOfBareModel(model: string): string | undefined {
  return PROVIDERS.find((provider) => provider.bareModels?.some((beginning) => model.startsWith(beginning)))?.id;
}

/** Beginnings of the names that a provider is known by without its id in front. */
export function bareModelsOf(id: string): readonly string[] {
  return PROVIDERS.find((provider) => provider.id === id)?.bareModels ?? [];
}

export interface ConfigProviders {
  readonly providers: ReadonlySet<string>;
  readonly keyedProviders: readonly string[];
}

/** Set by the supervisor for services that don't get provider keys: all must expand `model: "*"` alike. */
export const KEYED_PROVIDERS_VARIABLE = 'HEADRACE_KEYED_PROVIDERS';

/** What reading a configuration needs to know of the table: the ids, and those whose usual API key is in the environment. */
export function configProviders(env: Readonly<Record<string, string | undefined>>): ConfigProviders {
  const told = env[KEYED_PROVIDERS_VARIABLE]?.split(',').filter((id) => id !== '');
  const keyed = PROVIDERS.filter((provider) => provider.envKeys.some((name) => env[name])).map((provider) => provider.id);
  return { providers: new Set(PROVIDERS.map((provider) => provider.id)), keyedProviders: told ?? keyed };
}
