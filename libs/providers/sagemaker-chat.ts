import type { ProviderRecord } from './provider-record.ts';

/** Endpoints of one's own that speak OpenAI chat; the model name is the endpoint's. */
export const sagemakerChat: ProviderRecord = {
  id: 'sagemaker_chat',
  name: 'Amazon SageMaker endpoints',
  aliases: ['sagemaker'],
  dialect: 'sagemaker-invoke',
  baseUrl: 'https://runtime.sagemaker.{aws_region_name}.amazonaws.com',
  settings: {
    aws_region_name: {
      params: ['aws_region_name', 'region_name'],
      env: ['AWS_REGION_NAME', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
      fallback: 'us-west-2',
    },
  },
  envKeys: [],
  envCredentials: [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_ROLE_ARN',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ],
  auth: { kind: 'aws', service: 'sagemaker' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: 'https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html',
};
