import type { ProviderRecord } from './provider-record.ts';

/**
 * Azure OpenAI, in its two forms: deployments in the path with a dated `api_version`, and the v1 form, asked for by an `api_base` that ends
 * with `/openai/v1` or by `api_version: v1`. https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azure: ProviderRecord = {
  id: 'azure',
  name: 'Azure OpenAI',
  aliases: ['azure_openai'],
  dialect: 'openai-chat',
  baseUrl: 'https://{azure_resource_name}.openai.azure.com',
  settings: {
    azure_resource_name: { params: ['azure_resource_name'], env: ['AZURE_RESOURCE_NAME'] },
    api_version: { params: ['api_version'], env: ['AZURE_API_VERSION', 'OPENAI_API_VERSION'], fallback: '2025-02-01-preview' },
    azure_ad_token: { params: ['azure_ad_token'], env: ['AZURE_AD_TOKEN'] },
  },
  paths: { every: '/openai/deployments/{model}{path}' },
  query: { 'api-version': '{api_version}' },
  families: [
    // the Responses API of the v1 form has no dated version, so any resource serves it
    { clients: ['openai-responses'], baseEnding: '/openai/v1', dialect: 'openai-responses', paths: {}, query: {} },
    { clients: ['openai-responses'], dialect: 'openai-responses', paths: { every: '/openai/v1{path}' }, query: {} },
    { baseEnding: '/openai/v1', paths: {}, query: {} },
    { settings: { api_version: ['v1', 'preview', 'latest'] }, paths: { every: '/openai/v1{path}' }, query: {} },
  ],
  operations: [
    'openai-responses',
    'openai-embeddings',
    'openai-images',
    'openai-image-edits',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
  ],
  envKeys: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
  envCredentials: ['AZURE_CLIENT_SECRET', 'AZURE_FEDERATED_TOKEN_FILE'],
  envBase: ['AZURE_API_BASE', 'AZURE_OPENAI_ENDPOINT'],
  auth: { kind: 'entra-id' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'azure',
  docsUrl: 'https://learn.microsoft.com/azure/ai-services/openai/reference',
};
