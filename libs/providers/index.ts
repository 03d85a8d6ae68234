export type { ProviderAuth, ProviderRecord } from './provider-record.ts';
export { findProvider, PROVIDERS } from './table.ts';
export {
  bareModelsOf,
  configProviders,
  KEYED_PROVIDERS_VARIABLE,
  providerOfBareModel,
  type ConfigProviders,
} from './provider-directory.ts';
