import type { ProviderRecord } from './provider-record.ts';

export const cerebras: ProviderRecord = {
  id: 'cerebras',
  name: 'Cerebras',
  dialect: 'openai-chat',
  baseUrl: 'https://api.cerebras.ai/v1',
  envKeys: ['CEREBRAS_API_KEY'],
  envBase: ['CEREBRAS_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { supportsDeveloperRole: false, reasoningBack: false, unsupportedParams: ['store'] },
  hostConfidence: 'source',
  pricesAs: 'cerebras',
  docsUrl: 'https://inference-docs.cerebras.ai/models/overview',
};
