import type { ProviderRecord } from './provider-record.ts';

export const modal: ProviderRecord = {
  id: 'modal',
  name: 'Modal',
  dialect: 'openai-chat',
  baseUrl: 'https://api.modal.com/v1',
  envKeys: ['MODAL_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'modal',
  docsUrl: undefined,
};
