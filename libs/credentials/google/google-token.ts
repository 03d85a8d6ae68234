import { type CredentialsEnvironment, credentialsError, requestToken, textMember } from '../token-request.ts';
import type { IssuedToken } from '../token-source.ts';
import { externalAccountToken } from './external-account.ts';
import { findGoogleKey, type GoogleKey } from './google-key.ts';
import { GOOGLE_SCOPE } from './google-scope.ts';
import { signServiceAccountJwt } from './service-account-jwt.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** How tokens are got with the credentials a deployment has. Throws `GatewayError` when they can't be read. */
export function googleIssuer(setting: string | undefined, environment: CredentialsEnvironment): () => Promise<IssuedToken> {
  const key = findGoogleKey(setting, environment);
  if (key === undefined) return () => askMetadataServer(environment);
  const type = textMember(key, 'type');
  if (type === 'service_account') return () => asServiceAccount(key, environment);
  if (type === 'authorized_user') return () => asUser(key, environment);
  if (type === 'external_account') return () => externalAccountToken(key, environment);
  throw credentialsError('Google credentials of this type are not supported');
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
function asServiceAccount(key: GoogleKey, environment: CredentialsEnvironment): Promise<IssuedToken> {
  const url = textMember(key, 'token_uri') ?? TOKEN_URL;
  const assertion = signServiceAccountJwt(key, { audience: url, scope: GOOGLE_SCOPE, atMs: environment.now() });
  return requestToken({ url, form: { grant_type: JWT_GRANT, assertion }, authority: 'Google' }, environment);
}

/** https://developers.google.com/identity/protocols/oauth2/web-server#offline */
function asUser(key: GoogleKey, environment: CredentialsEnvironment): Promise<IssuedToken> {
  const form = {
    grant_type: 'refresh_token',
    client_id: textMember(key, 'client_id') ?? '',
    client_secret: textMember(key, 'client_secret') ?? '',
    refresh_token: textMember(key, 'refresh_token') ?? '',
  };
  return requestToken({ url: textMember(key, 'token_uri') ?? TOKEN_URL, form, authority: 'Google' }, environment);
}

/** https://cloud.google.com/compute/docs/metadata/querying-metadata; the variable is Google's own, for machines with another address. */
async function askMetadataServer(environment: CredentialsEnvironment): Promise<IssuedToken> {
  const host = environment.env['GCE_METADATA_HOST'] || '169.254.169.254';
  const query = new URLSearchParams({ scopes: GOOGLE_SCOPE }).toString();
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token?${query}`;
  try {
    return await requestToken({ url, headers: { 'metadata-flavor': 'Google' }, authority: 'the metadata server' }, environment);
  } catch (error) {
    throw credentialsError('no Google credentials: set vertex_credentials, or GOOGLE_APPLICATION_CREDENTIALS for the worker', error);
  }
}
