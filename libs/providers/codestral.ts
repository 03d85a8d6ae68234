import type { ProviderRecord } from './provider-record.ts';

/** Mistral's models for code, with a host and keys of their own. */
export const codestral: ProviderRecord = {
  id: 'codestral',
  name: 'Mistral Codestral',
  dialect: 'mistral-chat',
  baseUrl: 'https://codestral.mistral.ai/v1',
  envKeys: ['CODESTRAL_API_KEY'],
  envBase: ['CODESTRAL_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'mistral',
  docsUrl: 'https://docs.mistral.ai/capabilities/code_generation/',
};
