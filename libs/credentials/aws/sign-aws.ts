import { createHmac, hash } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

export interface AwsRequest {
  readonly method: string;
  /** With the port when it is not the scheme's own. */
  readonly host: string;
  /** Path and query as they are sent, encoded. */
  readonly path: string;
  /** Lower-case names. Only `content-type` and `x-amz-*` are signed: others may be changed on the way. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SigningScope {
  readonly region: string;
  /** `bedrock`, `sagemaker`, `sts`. */
  readonly service: string;
  /** Unix milliseconds; AWS takes signatures of the last five minutes. */
  readonly at: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers that sign a request by Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html): `authorization`, `x-amz-date` and, for
 * temporary credentials, `x-amz-security-token`.
 */
export function signAws(request: AwsRequest, credentials: AwsCredentials, { region, service, at }: SigningScope): Record<string, string> {
  const time = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const day = time.slice(0, 8);
  const added: Record<string, string> = { 'x-amz-date': time };
  if (credentials.sessionToken !== undefined) added['x-amz-security-token'] = credentials.sessionToken;
  const signed = signedHeaders({ ...request.headers, ...added, host: request.host });
  const names = signed.map(([name]) => name).join(';');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const canonical = [
    request.method,
    ...canonicalAddress(request.path),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hash('sha256', request.body, 'hex'),
  ].join('\n');
  const text = [ALGORITHM, time, scope, hash('sha256', canonical, 'hex')].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  added['authorization'] = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return added;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function signedHeaders(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers)
    .filter(([name]) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'))
    .map(([name, value]): [string, string] => [name, value.trim().replaceAll(/\s+/g, ' ')])
    .sort(([a], [b]) => order(a, b));
}

/** Canonical path and query. The path is encoded once more than it is sent (all services but S3 want that). */
function canonicalAddress(sent: string): [string, string] {
  const queryAt = sent.indexOf('?');
  const path = queryAt === -1 ? sent : sent.slice(0, queryAt);
  const query = queryAt === -1 ? '' : sent.slice(queryAt + 1);
  return [normalize(path).split('/').map(encode).join('/'), canonicalQuery(query)];
}

/** Without empty and dot segments (https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4). */
function normalize(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${end}`;
}

/** Sorted by name, then by value. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))];
    })
    .sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** Everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
