import type { ProviderRecord } from './provider-record.ts';

export const replicate: ProviderRecord = {
  id: 'replicate',
  name: 'Replicate',
  dialect: 'replicate-predictions',
  baseUrl: 'https://api.replicate.com/v1',
  envKeys: ['REPLICATE_API_KEY', 'REPLICATE_API_TOKEN'],
  envBase: ['REPLICATE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://replicate.com/docs/reference/http',
};
