import type { ProviderRecord } from './provider-record.ts';

export const crusoe: ProviderRecord = {
  id: 'crusoe',
  name: 'Crusoe Managed Inference',
  dialect: 'openai-chat',
  baseUrl: 'https://managed-inference-api-proxy.crusoecloud.com/v1',
  envKeys: ['CRUSOE_API_KEY'],
  envBase: ['CRUSOE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: undefined,
};
