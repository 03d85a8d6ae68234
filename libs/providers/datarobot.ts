import type { ProviderRecord } from './provider-record.ts';

export const datarobot: ProviderRecord = {
  id: 'datarobot',
  name: 'DataRobot LLM gateway',
  dialect: 'openai-chat',
  baseUrl: 'https://app.datarobot.com/api/v2',
  paths: { every: '/genai/llmgw{path}' },
  envKeys: ['DATAROBOT_API_TOKEN'],
  envBase: ['DATAROBOT_ENDPOINT'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'memory',
  docsUrl: 'https://docs.datarobot.com',
};
