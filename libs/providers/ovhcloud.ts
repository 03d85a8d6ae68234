import type { ProviderRecord } from './provider-record.ts';

export const ovhcloud: ProviderRecord = {
  id: 'ovhcloud',
  name: 'OVHcloud AI Endpoints',
  dialect: 'openai-chat',
  baseUrl: 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
  operations: ['openai-embeddings'],
  envKeys: ['OVHCLOUD_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'ovhcloud',
  docsUrl: 'https://www.ovhcloud.com/en/public-cloud/ai-endpoints/catalog',
};
