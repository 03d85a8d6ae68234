import { createPrivateKey, sign } from 'node:crypto';
import { credentialsError, textMember } from '../token-request.ts';
import type { GoogleKey } from './google-key.ts';

export interface JwtClaims {
  readonly audience: string;
  readonly scope: string;
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** Google takes at most an hour. */
const LIFE_S = 3_600;

/** A JWT signed with RS256 (https://www.rfc-editor.org/rfc/rfc7515), with the claims Google asks for. */
export function signServiceAccountJwt(key: GoogleKey, { audience, scope, atMs }: JwtClaims): string {
  const issuer = textMember(key, 'client_email');
  const privateKey = textMember(key, 'private_key');
  if (issuer === undefined || privateKey === undefined) {
    throw credentialsError('the Google service account has no client_email or no private_key');
  }
  const at = Math.floor(atMs / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', kid: textMember(key, 'private_key_id') };
  const claims = { iss: issuer, scope, aud: audience, iat: at, exp: at + LIFE_S };
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${signWith(privateKey, content)}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signWith(privateKey: string, content: string): string {
  try {
    return sign('RSA-SHA256', Buffer.from(content), createPrivateKey(privateKey)).toString('base64url');
  } catch {
    throw credentialsError('the private_key of the Google service account is not a PEM key');
  }
}
