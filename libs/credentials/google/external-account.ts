import type { ExternalAccountClientOptions } from 'google-auth-library';
import { type CredentialsEnvironment, credentialsError, textMember } from '../token-request.ts';
import type { IssuedToken } from '../token-source.ts';
import type { GoogleKey } from './google-key.ts';
import { GOOGLE_SCOPE } from './google-scope.ts';

/** Of a token whose end the library does not say. */
const DEFAULT_LIFE_MS = 600_000;

/**
 * Workload identity federation (https://google.aip.dev/auth/4117). Its many forms are left to Google's own library, loaded when the
 * first one is met. The credentials are the operator's own configuration, never a request's.
 */
export async function externalAccountToken(key: GoogleKey, { now }: CredentialsEnvironment): Promise<IssuedToken> {
  if (!isExternalAccount(key)) throw credentialsError('the Google credentials of the external account are not complete');
  const { ExternalAccountClient } = await import('google-auth-library');
  try {
    const client = ExternalAccountClient.fromJSON({ ...key, scopes: [GOOGLE_SCOPE] });
    const token = (await client?.getAccessToken())?.token;
    if (client && token) return { token, expiresAt: client.credentials.expiry_date ?? now() + DEFAULT_LIFE_MS };
  } catch (error) {
    throw credentialsError('Google gave no token for the external account', error);
  }
  throw credentialsError('Google gave no token for the external account');
}

function isExternalAccount(key: GoogleKey): key is GoogleKey & ExternalAccountClientOptions {
  const names = ['audience', 'subject_token_type', 'token_url'];
  return textMember(key, 'type') === 'external_account' && names.every((name) => textMember(key, name) !== undefined);
}
