import type { AwsCredentialsSource } from './aws-credentials.ts';
import { type AwsCredentials, type SigningScope, signAws } from './sign-aws.ts';

export interface SignableRequest {
  /** `https://host[:port]` */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Headers to add to a POST. At once while the credentials are good; rejects with `GatewayError` `upstream_auth`. */
export type RequestSigner = (request: SignableRequest) => Record<string, string> | Promise<Record<string, string>>;

export function createRequestSigner(
  source: AwsCredentialsSource,
  scope: Pick<SigningScope, 'region' | 'service'>,
  now: () => number,
): RequestSigner {
  return ({ origin, path, headers, body }) => {
    const request = { method: 'POST', host: origin.slice(origin.indexOf('//') + 2), path, headers, body };
    const sign = (credentials: AwsCredentials) => signAws(request, credentials, { ...scope, at: now() });
    const credentials = source.credentials();
    return credentials instanceof Promise ? credentials.then(sign) : sign(credentials);
  };
}

const HOST_REGION = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/;

/** The region that an AWS address names: a signature for another one is refused there. */
export function regionOfHost(hostname: string): string | undefined {
  return HOST_REGION.exec(hostname)?.[1];
}
