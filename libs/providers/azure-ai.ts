import type { ProviderRecord } from './provider-record.ts';

/**
 * Models of Azure AI Foundry that are not OpenAI's. An `api_base` may be the resource, its `/models` or `/openai/v1` address, or that of a
 * serverless endpoint (`*.models.ai.azure.com`). https://learn.microsoft.com/azure/ai-foundry/foundry-models/concepts/endpoints
 */
export const azureAi: ProviderRecord = {
  id: 'azure_ai',
  name: 'Azure AI Foundry',
  dialect: 'openai-chat',
  baseUrl: 'https://{azure_resource_name}.services.ai.azure.com',
  settings: {
    azure_resource_name: { params: ['azure_resource_name'], env: ['AZURE_AI_RESOURCE_NAME', 'AZURE_RESOURCE_NAME'] },
    api_version: { params: ['api_version'], env: ['AZURE_AI_API_VERSION'], fallback: '2024-05-01-preview' },
    azure_ad_token: { params: ['azure_ad_token'], env: ['AZURE_AD_TOKEN'] },
  },
  paths: { every: '/models{path}' },
  query: { 'api-version': '{api_version}' },
  families: [
    // https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
    { models: ['claude-'], dialect: 'anthropic-messages', paths: { every: '/anthropic{path}' }, query: {} },
    { baseEnding: '.models.ai.azure.com', paths: {}, query: {}, auth: { kind: 'bearer' } },
    { baseEnding: '/openai/v1', paths: {}, query: {} },
  ],
  operations: ['openai-embeddings'],
  envKeys: ['AZURE_AI_API_KEY'],
  envCredentials: ['AZURE_CLIENT_SECRET', 'AZURE_FEDERATED_TOKEN_FILE'],
  envBase: ['AZURE_AI_API_BASE'],
  auth: { kind: 'entra-id' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  pricesAs: 'azure',
  docsUrl: 'https://learn.microsoft.com/azure/ai-foundry/foundry-models/',
};
