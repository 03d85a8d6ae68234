import { z } from 'zod';
import { metadata, name } from '../scopes/field-schemas.ts';

const values = z.record(z.string(), z.unknown()).describe('As in litellm_params: api_key, api_base, api_version, aws_… , vertex_…');

export const newCredentialSchema = z.object({
  credential_name: name,
  credential_info: metadata.nullish(),
  credential_values: values.nullish(),
  model_id: name.nullish().describe('A stored model whose key and address become the credential, instead of credential_values'),
});

/** Values that are not named stay as they are; null takes one out. */
export const changedCredentialSchema = z.object({
  /** Its name in the body too, as clients of LiteLLM send it. */
  credential_name: name.nullish(),
  credential_info: metadata.nullish(),
  credential_values: values.nullish(),
});

export const EXAMPLE_CREDENTIAL = {
  credential_name: 'openai-production',
  credential_values: { api_key: 'os.environ/OPENAI_API_KEY', api_base: 'https://api.openai.com/v1' },
  credential_info: { description: 'The account of production' },
};
