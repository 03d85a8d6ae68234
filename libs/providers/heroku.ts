import type { ProviderRecord } from './provider-record.ts';

export const heroku: ProviderRecord = {
  id: 'heroku',
  name: 'Heroku Inference',
  dialect: 'openai-chat',
  baseUrl: 'https://us.inference.heroku.com/v1',
  envKeys: ['HEROKU_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'memory',
  docsUrl: undefined,
};
