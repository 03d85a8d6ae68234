import type { ProviderRecord } from './provider-record.ts';

export const opencode: ProviderRecord = {
  id: 'opencode',
  name: 'OpenCode Zen',
  dialect: 'openai-chat',
  baseUrl: 'https://opencode.ai/zen/v1',
  envKeys: ['OPENCODE_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { supportsDeveloperRole: false, unsupportedParams: ['store'] },
  hostConfidence: 'source',
  docsUrl: 'https://opencode.ai/docs/zen',
};
