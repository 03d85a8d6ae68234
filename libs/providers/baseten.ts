import type { ProviderRecord } from './provider-record.ts';

export const baseten: ProviderRecord = {
  id: 'baseten',
  name: 'Baseten',
  dialect: 'openai-chat',
  baseUrl: 'https://inference.baseten.co/v1',
  envKeys: ['BASETEN_API_KEY'],
  envBase: ['BASETEN_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'baseten',
  docsUrl: 'https://docs.baseten.co/inference/model-apis/overview',
};
