import type { ProviderRecord } from './provider-record.ts';

/**
 * Models served by a workspace, by its OpenAI surface. `api_base` may be the workspace, its `/serving-endpoints`, or the address of the AI
 * gateway. A service principal is named by `client_id` and `client_secret`.
 */
export const databricks: ProviderRecord = {
  id: 'databricks',
  name: 'Databricks',
  dialect: 'openai-chat',
  baseUrl: undefined,
  settings: {
    client_id: { params: ['client_id'], env: ['DATABRICKS_CLIENT_ID'] },
    client_secret: { params: ['client_secret'], env: ['DATABRICKS_CLIENT_SECRET'] },
  },
  paths: { every: '/serving-endpoints{path}' },
  families: [{ baseEnding: '/ai-gateway/mlflow/v1', paths: {} }],
  operations: ['openai-embeddings'],
  envKeys: ['DATABRICKS_API_KEY', 'DATABRICKS_TOKEN'],
  envCredentials: ['DATABRICKS_CLIENT_SECRET'],
  envBase: ['DATABRICKS_API_BASE', 'DATABRICKS_HOST'],
  auth: { kind: 'workspace-oauth' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  docsUrl: 'https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference',
};
