import { type CredentialsEnvironment, credentialsError } from '../token-request.ts';
import { askAuthority } from './ask-authority.ts';
import { type IssuedCredentials, readIssuedCredentials } from './issued-credentials.ts';

const CONTAINER_HOST = 'http://169.254.170.2';
/** Hosts that may be given the container's token without TLS: ECS, EKS Pod Identity, this machine. */
const PLAIN_HOSTS: ReadonlySet<string> = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost', '[::1]']);
const CONTAINER_TIMEOUT_MS = 5_000;
const INSTANCE_HOST = 'http://169.254.169.254';
/** Where there is no such service nobody answers: the wait is what a missing key costs. */
const INSTANCE_TIMEOUT_MS = 1_500;
const INSTANCE_TOKEN_LIFE_S = 300;

/**
 * Credentials of the container (ECS, EKS Pod Identity), where the platform says that there are some; undefined elsewhere
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
 */
export async function containerCredentials(environment: CredentialsEnvironment): Promise<IssuedCredentials | undefined> {
  const url = containerUrl(environment);
  if (url === undefined) return undefined;
  const token = containerToken(environment);
  const authority = 'the container credentials service';
  const headers = token === undefined ? {} : { authorization: token };
  return readIssuedCredentials(
    await askAuthority({ url, headers, timeoutMs: CONTAINER_TIMEOUT_MS, authority }, environment),
    authority,
    environment.now(),
  );
}

function containerUrl({ env }: CredentialsEnvironment): string | undefined {
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  if (relative) return `${CONTAINER_HOST}${relative}`;
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (!full) return undefined;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const isAllowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && (PLAIN_HOSTS.has(url.hostname) || url.hostname.startsWith('127.')));
  if (!isAllowed) throw credentialsError('AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address AWS gives to containers');
  return full;
}

/** The file goes first: the platform replaces what is in it. */
function containerToken({ env, readFile }: CredentialsEnvironment): string | undefined {
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  if (!file) return env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] || undefined;
  try {
    return readFile(file).trim();
  } catch (error) {
    throw credentialsError('the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can not be read', error);
  }
}

/**
 * Credentials of the instance's role by IMDSv2
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html): a session token first, the role's name, its keys.
 */
export async function instanceCredentials(environment: CredentialsEnvironment): Promise<IssuedCredentials> {
  const { env } = environment;
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') throw credentialsError('there are no AWS credentials');
  const host = (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || INSTANCE_HOST).replace(/\/+$/, '');
  const authority = 'the instance metadata service';
  const life = { 'x-aws-ec2-metadata-token-ttl-seconds': String(INSTANCE_TOKEN_LIFE_S) };
  const ask = (path: string, method: 'GET' | 'PUT', headers: Record<string, string>) =>
    askAuthority({ url: `${host}/latest/${path}`, method, headers, timeoutMs: INSTANCE_TIMEOUT_MS, authority }, environment);
  const session = { 'x-aws-ec2-metadata-token': await ask('api/token', 'PUT', life) };
  const path = 'meta-data/iam/security-credentials/';
  const [role = ''] = (await ask(path, 'GET', session)).split('\n');
  const text = await ask(`${path}${encodeURIComponent(role.trim())}`, 'GET', session);
  return readIssuedCredentials(text, authority, environment.now());
}
