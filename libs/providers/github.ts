import type { ProviderRecord } from './provider-record.ts';

/** Models are `publisher/name`; the token needs `models:read`. */
export const github: ProviderRecord = {
  id: 'github',
  name: 'GitHub Models',
  aliases: ['github-models'],
  dialect: 'openai-chat',
  baseUrl: 'https://models.github.ai/inference',
  operations: ['openai-embeddings'],
  envKeys: ['GITHUB_API_KEY', 'GITHUB_TOKEN'],
  envBase: ['GITHUB_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.github.com/en/github-models',
};
