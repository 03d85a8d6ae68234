import type { ProviderRecord } from './provider-record.ts';

/** Another gateway: which provider it asks is said by `x-portkey-provider` or `x-portkey-config` in `extra_headers`. */
export const portkey: ProviderRecord = {
  id: 'portkey',
  name: 'Portkey AI gateway',
  dialect: 'openai-chat',
  baseUrl: 'https://api.portkey.ai/v1',
  operations: ['openai-embeddings'],
  envKeys: ['PORTKEY_API_KEY'],
  auth: { kind: 'header', header: 'x-portkey-api-key' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://portkey.ai/docs',
};
