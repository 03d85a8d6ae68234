import { credentialsError, textMember } from '../token-request.ts';
import type { AwsCredentials } from './sign-aws.ts';

/** Credentials of a role, with their end. */
export interface IssuedCredentials extends AwsCredentials {
  /** Unix milliseconds; `Infinity` for those of a person. */
  readonly expiresAt: number;
}

/** Of an authority that does not say how long its credentials live. */
const DEFAULT_LIFE_MS = 15 * 60_000;

/** The JSON that containers and instances are given: `{AccessKeyId, SecretAccessKey, Token, Expiration}`. */
export function readIssuedCredentials(text: string, authority: string, at: number): IssuedCredentials {
  const body = parse(text);
  const accessKeyId = textMember(body, 'AccessKeyId');
  const secretAccessKey = textMember(body, 'SecretAccessKey');
  if (accessKeyId === undefined || secretAccessKey === undefined) throw credentialsError(`${authority} gave no AWS credentials`);
  return { accessKeyId, secretAccessKey, sessionToken: textMember(body, 'Token'), expiresAt: endOf(textMember(body, 'Expiration'), at) };
}

/** An RFC 3339 time as Unix milliseconds. */
export function endOf(expiration: string | undefined, at: number): number {
  const time = Date.parse(expiration ?? '');
  return Number.isNaN(time) ? at + DEFAULT_LIFE_MS : time;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
