import type { ProviderRecord } from './provider-record.ts';

/** Each model is a deployment of a tenant with an address of its own. */
export const predibase: ProviderRecord = {
  id: 'predibase',
  name: 'Predibase',
  dialect: 'openai-chat',
  baseUrl: 'https://serving.app.predibase.com/{tenant_id}/deployments/v2/llms',
  settings: { tenant_id: { params: ['tenant_id'], env: ['PREDIBASE_TENANT_ID'] } },
  paths: { every: '/{model}/v1{path}' },
  envKeys: ['PREDIBASE_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  docsUrl: 'https://docs.predibase.com',
};
