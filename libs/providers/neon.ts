import type { ProviderRecord } from './provider-record.ts';

/** The gateway of a Neon project: its address is a setting. */
export const neon: ProviderRecord = {
  id: 'neon',
  name: 'Neon AI gateway',
  dialect: 'openai-chat',
  baseUrl: undefined,
  paths: { every: '/ai-gateway/mlflow/v1{path}' },
  envKeys: ['NEON_AI_GATEWAY_TOKEN'],
  envBase: ['NEON_AI_GATEWAY_BASE_URL'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: 'https://neon.com/docs',
};
