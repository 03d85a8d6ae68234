import type { ProviderRecord } from './provider-record.ts';

/** A gateway itself: models are `vendor/name`. */
export const vercelAiGateway: ProviderRecord = {
  id: 'vercel_ai_gateway',
  name: 'Vercel AI Gateway',
  aliases: ['vercel'],
  dialect: 'openai-chat',
  baseUrl: 'https://ai-gateway.vercel.sh/v1',
  operations: ['openai-embeddings'],
  envKeys: ['VERCEL_AI_GATEWAY_API_KEY', 'AI_GATEWAY_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://vercel.com/docs/ai-gateway',
};
