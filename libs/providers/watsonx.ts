import type { ProviderRecord } from './provider-record.ts';

/** `api_base` is the region's address (`https://us-south.ml.cloud.ibm.com`); a project or a space must be named. */
export const watsonx: ProviderRecord = {
  id: 'watsonx',
  name: 'IBM watsonx.ai',
  dialect: 'watsonx-chat',
  baseUrl: undefined,
  settings: {
    api_version: { params: ['api_version'], env: ['WATSONX_API_VERSION'], fallback: '2024-03-13' },
    project_id: { params: ['project_id'], env: ['WATSONX_PROJECT_ID', 'WX_PROJECT_ID', 'PROJECT_ID'] },
    space_id: { params: ['space_id'], env: ['WATSONX_DEPLOYMENT_SPACE_ID', 'WATSONX_SPACE_ID', 'WX_SPACE_ID', 'SPACE_ID'] },
    token: { params: ['token'], env: ['WATSONX_TOKEN', 'WX_TOKEN'] },
    zen_api_key: { params: ['zen_api_key'], env: ['WATSONX_ZENAPIKEY'] },
    iam_url: { params: ['iam_url'], env: ['WATSONX_IAM_URL'] },
  },
  query: { version: '{api_version}' },
  body: { project_id: '{project_id}', space_id: '{space_id}' },
  envKeys: ['WATSONX_APIKEY', 'WATSONX_API_KEY', 'WX_API_KEY'],
  envBase: ['WATSONX_API_BASE', 'WATSONX_URL', 'WX_URL', 'WML_URL'],
  auth: { kind: 'ibm-iam' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://cloud.ibm.com/apidocs/watsonx-ai',
};
