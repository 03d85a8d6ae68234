import { type CredentialsEnvironment, requestToken } from './token-request.ts';
import type { IssuedToken } from './token-source.ts';

const TOKEN_URL = 'https://iam.cloud.ibm.com/identity/token';

/** https://cloud.ibm.com/docs/account?topic=account-iamtoken_from_apikey */
export function ibmIamIssuer(apiKey: string, url: string | undefined, environment: CredentialsEnvironment): () => Promise<IssuedToken> {
  const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: apiKey };
  return () => requestToken({ url: url ?? TOKEN_URL, form, authority: 'IBM Cloud IAM' }, environment);
}
