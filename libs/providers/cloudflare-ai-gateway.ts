import type { ProviderRecord } from './provider-record.ts';

/** Another gateway in front of providers: models are `provider/name`. */
export const cloudflareAiGateway: ProviderRecord = {
  id: 'cloudflare-ai-gateway',
  name: 'Cloudflare AI Gateway',
  dialect: 'openai-chat',
  baseUrl: 'https://gateway.ai.cloudflare.com/v1/{account_id}/{gateway_id}/compat',
  settings: {
    account_id: { params: ['account_id'], env: ['CLOUDFLARE_ACCOUNT_ID'] },
    gateway_id: { params: ['gateway_id'], env: ['CLOUDFLARE_GATEWAY_ID'], fallback: 'default' },
  },
  envKeys: ['CLOUDFLARE_AI_GATEWAY_TOKEN', 'CLOUDFLARE_API_TOKEN'],
  auth: { kind: 'header', header: 'cf-aig-authorization', scheme: 'Bearer' },
  quirks: { maxTokensField: 'max_tokens', reasoningEffort: false, strictTools: false },
  hostConfidence: 'memory',
  docsUrl: 'https://developers.cloudflare.com/ai-gateway/usage/chat-completion/',
};
