import { findProvider, PROVIDERS } from './table.ts';

/** The id behind a name that people use: an id itself, or an alias. Undefined for a name nobody has. */
export function providerIdOf(name: string): string | undefined {
  return findProvider(name)?.id;
}

/** The provider a model name without one belongs to, as LiteLLM reads it. */
export function providerOfBareModel(model: string): string | undefined {
  return PROVIDERS.find((provider) => provider.bareModels?.some((beginning) => model.startsWith(beginning)))?.id;
}

/** Beginnings of the names that a provider is known by without its id in front. */
export function bareModelsOf(id: string): readonly string[] {
  return findProvider(id)?.bareModels ?? [];
}

export interface ConfigProviders {
  readonly providers: ReadonlySet<string>;
  readonly keyedProviders: readonly string[];
}

/** Set by the supervisor for services that don't get provider keys: all must expand `model: "*"` alike. */
export const KEYED_PROVIDERS_VARIABLE = 'HEADRACE_KEYED_PROVIDERS';

/** What reading a configuration needs to know of the table: the ids and aliases, and the ids of those whose usual API key is in the environment. */
export function configProviders(env: Readonly<Record<string, string | undefined>>): ConfigProviders {
  const told = env[KEYED_PROVIDERS_VARIABLE]?.split(',').filter((id) => id !== '');
  const keyed = PROVIDERS.filter(({ envKeys, envCredentials = [] }) => [...envKeys, ...envCredentials].some((name) => env[name]));
  return {
    providers: new Set(PROVIDERS.flatMap(({ id, aliases = [] }) => [id, ...aliases])),
    keyedProviders: told ?? keyed.map(({ id }) => id),
  };
}
