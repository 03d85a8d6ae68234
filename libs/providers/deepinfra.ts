import type { ProviderRecord } from './provider-record.ts';

export const deepinfra: ProviderRecord = {
  id: 'deepinfra',
  name: 'DeepInfra',
  dialect: 'openai-chat',
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  envKeys: ['DEEPINFRA_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://deepinfra.com/models',
};
