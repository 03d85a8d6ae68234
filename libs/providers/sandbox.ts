import type { ProviderRecord } from './provider-record.ts';

/** The product's own model, served over real HTTP on this machine, so that a first request needs no key. */
export const sandbox: ProviderRecord = {
  id: 'sandbox',
  name: 'Sandbox',
  dialect: 'openai-chat',
  baseUrl: undefined,
  envKeys: [],
  envBase: ['HEADRACE_SANDBOX_URL'],
  auth: { kind: 'none' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: undefined,
};
