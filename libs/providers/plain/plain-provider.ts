import type { ProviderRecord } from '../provider-record.ts';

/**
 * A provider that is no more than a name, a host that speaks OpenAI chat and a key: a row in a list. A module each would cost more time
 * to load than all the data in it (0.13 ms, at the start of every service). What needs more than `more` gets a file of its own.
 */
export function plainProvider(
  id: string,
  name: string,
  baseUrl: string,
  envKeys: string | readonly string[],
  docsUrl?: string,
  more?: Pick<ProviderRecord, 'aliases' | 'operations' | 'envBase'> & { readonly quirks?: ProviderRecord['quirks'] },
): ProviderRecord {
  return {
    id,
    name,
    dialect: 'openai-chat',
    baseUrl,
    envKeys: typeof envKeys === 'string' ? [envKeys] : envKeys,
    auth: { kind: 'bearer' },
    quirks: {},
    hostConfidence: 'source',
    docsUrl,
    ...more,
  };
}
