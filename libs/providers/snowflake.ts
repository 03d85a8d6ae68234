import type { ProviderRecord } from './provider-record.ts';

/** Cortex, by its OpenAI surface; the key is a programmatic access token or a key-pair JWT. */
export const snowflake: ProviderRecord = {
  id: 'snowflake',
  name: 'Snowflake Cortex',
  aliases: ['snowflake-cortex'],
  dialect: 'openai-chat',
  baseUrl: 'https://{account_id}.snowflakecomputing.com/api/v2/cortex/v1',
  settings: { account_id: { params: ['account_id'], env: ['SNOWFLAKE_ACCOUNT_ID', 'SNOWFLAKE_ACCOUNT'] } },
  envKeys: ['SNOWFLAKE_JWT', 'SNOWFLAKE_CORTEX_PAT', 'SNOWFLAKE_PAT'],
  envBase: ['SNOWFLAKE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { supportsDeveloperRole: false },
  hostConfidence: 'source',
  docsUrl: 'https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api',
};
