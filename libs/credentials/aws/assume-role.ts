import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';
import { askAuthority } from './ask-authority.ts';
import { endOf, type IssuedCredentials } from './issued-credentials.ts';
import { type AwsCredentials, signAws } from './sign-aws.ts';

export interface RoleQuestion {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId?: string | undefined;
  readonly region: string;
  /** Another address than the region's own. */
  readonly endpoint?: string | undefined;
}

const API_VERSION = '2011-06-15';
const TIMEOUT_MS = 10_000;
const CONTENT_TYPE = 'application/x-www-form-urlencoded';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, signed with what one has. */
export async function assumeRole(
  question: RoleQuestion,
  credentials: AwsCredentials,
  environment: CredentialsEnvironment,
): Promise<IssuedCredentials> {
  const body = formOf('AssumeRole', question, question.externalId === undefined ? {} : { ExternalId: question.externalId });
  const url = new URL(endpointOf(question));
  const headers = { 'content-type': CONTENT_TYPE };
  const request = { method: 'POST', host: url.host, path: url.pathname, headers, body: Buffer.from(body) };
  const signature = signAws(request, credentials, { region: question.region, service: 'sts', at: environment.now() });
  return ask(url.href, { ...headers, ...signature }, body, environment);
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token alone says who asks. */
export function assumeRoleWithWebIdentity(
  question: RoleQuestion,
  token: string,
  environment: CredentialsEnvironment,
): Promise<IssuedCredentials> {
  const body = formOf('AssumeRoleWithWebIdentity', question, { WebIdentityToken: token });
  return ask(endpointOf(question), { 'content-type': CONTENT_TYPE }, body, environment);
}

function formOf(action: string, question: RoleQuestion, more: Readonly<Record<string, string>>): string {
  const form = { Action: action, Version: API_VERSION, RoleArn: question.roleArn, RoleSessionName: question.sessionName, ...more };
  return new URLSearchParams(form).toString();
}

function endpointOf({ endpoint, region }: RoleQuestion): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const address = endpoint ?? `https://sts.${region}.${domain}/`;
  if (!URL.canParse(address)) throw credentialsError('the address of AWS STS is no URL');
  return new URL(address).href;
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  environment: CredentialsEnvironment,
): Promise<IssuedCredentials> {
  const xml = await askAuthority({ url, method: 'POST', headers, body, timeoutMs: TIMEOUT_MS, authority: 'AWS STS' }, environment);
  const accessKeyId = element(xml, 'AccessKeyId');
  const secretAccessKey = element(xml, 'SecretAccessKey');
  const sessionToken = element(xml, 'SessionToken');
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw credentialsError('AWS STS gave no AWS credentials');
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt: endOf(element(xml, 'Expiration'), environment.now()) };
}

/** Keys and tokens are base64: nothing in them is escaped. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]+?)\\s*</${name}>`).exec(xml)?.[1];
}
