import type { ProviderRecord } from './provider-record.ts';

/** In the Responses format. */
export const vivgrid: ProviderRecord = {
  id: 'vivgrid',
  name: 'Vivgrid',
  dialect: 'openai-responses',
  baseUrl: 'https://api.vivgrid.com/v1',
  envKeys: ['VIVGRID_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.vivgrid.com/models',
};
