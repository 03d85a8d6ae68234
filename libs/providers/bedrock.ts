import type { ProviderRecord } from './provider-record.ts';

/**
 * Any model by the Converse API; Claude also by InvokeModel (`bedrock/invoke/…`), which takes Anthropic's own format and is used when a
 * client speaks that. Model names may be ids, inference profiles or ARNs.
 */
export const bedrock: ProviderRecord = {
  id: 'bedrock',
  name: 'Amazon Bedrock',
  aliases: ['amazon-bedrock', 'bedrock_converse'],
  dialect: 'bedrock-converse',
  baseUrl: 'https://bedrock-runtime.{aws_region_name}.amazonaws.com',
  settings: {
    aws_region_name: {
      params: ['aws_region_name', 'region_name'],
      env: ['AWS_REGION_NAME', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
      fallback: 'us-west-2',
    },
  },
  families: [
    { models: ['invoke/'], prefix: 'invoke/', dialect: 'bedrock-invoke' },
    { models: ['converse/'], prefix: 'converse/' },
    { models: ['anthropic.', '*.anthropic.'], clients: ['anthropic-messages', 'anthropic-count-tokens'], dialect: 'bedrock-invoke' },
  ],
  operations: ['openai-embeddings', 'cohere-rerank'],
  envKeys: ['AWS_BEARER_TOKEN_BEDROCK'],
  envCredentials: [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_ROLE_ARN',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ],
  envBase: ['AWS_BEDROCK_RUNTIME_ENDPOINT'],
  baseParams: ['aws_bedrock_runtime_endpoint'],
  auth: { kind: 'aws', service: 'bedrock', bearerEnv: ['AWS_BEARER_TOKEN_BEDROCK'] },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'aws',
  docsUrl: 'https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html',
};
