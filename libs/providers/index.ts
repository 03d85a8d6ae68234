export type { ProviderAuth, ProviderRecord } from './provider-record.ts';
export {
  bareModelsOf,
  configProviders,
  KEYED_PROVIDERS_VARIABLE,
  providerIdOf,
  providerOfBareModel,
  type ConfigProviders,
} from './provider-directory.ts';
export { catalogueName } from './resolve/catalogue-name.ts';
export { resolveProvider, type ResolvedProvider } from './resolve/resolve-provider.ts';
export { settingParams } from './resolve/settings.ts';
export { findProvider, PROVIDERS } from './table.ts';
