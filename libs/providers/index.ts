export type { ProviderAuth, ProviderRecord } from './provider-record.ts';
export { findProvider, PROVIDERS } from './table.ts';
