import type { ProviderRecord } from './provider-record.ts';

/** Workers AI by its OpenAI surface; `cloudflare/run/@cf/…`, or an `api_base` that ends with `/ai/run`, asks for the native one. */
export const cloudflare: ProviderRecord = {
  id: 'cloudflare',
  name: 'Cloudflare Workers AI',
  aliases: ['cloudflare-workers-ai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1',
  settings: { account_id: { params: ['account_id'], env: ['CLOUDFLARE_ACCOUNT_ID'] } },
  families: [
    {
      models: ['run/'],
      prefix: 'run/',
      dialect: 'workers-ai-run',
      baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account_id}/ai',
      paths: { every: '/run/{model}' },
    },
    { baseEnding: '/ai/run', dialect: 'workers-ai-run', paths: { every: '/run/{model}' } },
  ],
  operations: ['openai-embeddings'],
  envKeys: ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_TOKEN'],
  envBase: ['CLOUDFLARE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, strictTools: false },
  hostConfidence: 'source',
  pricesAs: 'cloudflare',
  docsUrl: 'https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/',
};
