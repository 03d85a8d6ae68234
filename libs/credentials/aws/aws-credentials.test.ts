import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialsEnvironment } from '../token-request.ts';
import { awsCredentials, type AwsSettings } from './aws-credentials.ts';

interface Seen {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: URLSearchParams;
}

/** Stands in for STS, the container service and the instance's metadata, told apart by the host that was meant. */
let server: Server;
let seen: Seen[];
let respond: (request: Seen) => { status?: number; body: string } | undefined;
let files: Record<string, string>;
let nowMs: number;

const REGION = 'eu-central-1';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret-env' };
const END = '2026-11-22T10:00:00Z';
const START_MS = Date.parse('2026-11-22T09:00:00Z');

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const call: Seen = {
        host: String(request.headers['x-meant-for']),
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: new URLSearchParams(body),
      };
      seen.push(call);
      const answer = respond(call);
      response.writeHead(answer === undefined ? 404 : (answer.status ?? 200)).end(answer?.body ?? 'not here');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  seen = [];
  files = {};
  nowMs = START_MS;
  respond = () => undefined;
});

function environment(env: Record<string, string> = {}): CredentialsEnvironment {
  const { port } = server.address() as AddressInfo;
  return {
    env,
    now: () => nowMs,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
    fetch: (url, init) => {
      const { host, pathname, search } = new URL(url);
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
        ...init,
        headers: { ...(init.headers as object), 'x-meant-for': host },
      });
    },
  };
}

function get(settings: Partial<AwsSettings> = {}, env: Record<string, string> = {}) {
  return Promise.resolve().then(() => awsCredentials({ region: REGION, ...settings }, environment(env)).credentials());
}

function stsAnswer(key = 'ASIAROLE'): string {
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>secret-role</SecretAccessKey>
    <SessionToken>token-role==</SessionToken><Expiration>${END}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

const ROLE = { accessKeyId: 'ASIAROLE', secretAccessKey: 'secret-role', sessionToken: 'token-role==' };
const MACHINE = JSON.stringify({ AccessKeyId: 'ASIAMACHINE', SecretAccessKey: 's', Token: 't', Expiration: END, Code: 'Success' });
const FROM_MACHINE = { accessKeyId: 'ASIAMACHINE', secretAccessKey: 's', sessionToken: 't' };

describe('AWS credentials', () => {
  it('of the deployment go before those of the environment', async () => {
    expect(await get({ accessKeyId: 'AKID', secretAccessKey: 's', sessionToken: 't' }, KEYS)).toEqual({
      accessKeyId: 'AKID',
      secretAccessKey: 's',
      sessionToken: 't',
    });
    expect(await get({}, { ...KEYS, AWS_SESSION_TOKEN: 'x' })).toEqual({
      accessKeyId: 'AKIDENV',
      secretAccessKey: 'secret-env',
      sessionToken: 'x',
    });
    await expect(get({ accessKeyId: 'AKID' }, KEYS)).rejects.toMatchObject({ code: 'upstream_auth', retry: 'elsewhere' });
    expect(seen).toEqual([]);
  });

  it('come from a profile of the shared files', async () => {
    files['/home/a/.aws/credentials'] =
      '# mine\n[default]\naws_access_key_id = AKIDD\naws_secret_access_key=s/d=\n\n[work]\naws_access_key_id=AKIDW\naws_secret_access_key=sw\naws_session_token = tw\n';
    expect(await get({}, { HOME: '/home/a' })).toEqual({ accessKeyId: 'AKIDD', secretAccessKey: 's/d=', sessionToken: undefined });
    expect(await get({ profileName: 'work' }, { HOME: '/home/a', ...KEYS })).toEqual({
      accessKeyId: 'AKIDW',
      secretAccessKey: 'sw',
      sessionToken: 'tw',
    });
    expect(await get({}, { HOME: '/home/a', AWS_PROFILE: 'work' })).toMatchObject({ accessKeyId: 'AKIDW' });
    await expect(get({ profileName: 'none' }, { HOME: '/home/a' })).rejects.toThrow(
      'the AWS profile none is in neither of the shared files',
    );
  });

  it('of a profile with a role are assumed with its source’s keys', async () => {
    files['/c'] =
      '[profile app]\nrole_arn = arn:aws:iam::1:role/app\nsource_profile = base\nexternal_id = x\n[profile loop]\nrole_arn=r\nsource_profile=loop2\n[profile loop2]\nrole_arn=q\nsource_profile=loop\n';
    files['/s'] = '[base]\naws_access_key_id=AKIDB\naws_secret_access_key=sb\n';
    const env = { AWS_CONFIG_FILE: '/c', AWS_SHARED_CREDENTIALS_FILE: '/s' };
    respond = () => ({ body: stsAnswer() });
    expect(await get({ profileName: 'app' }, env)).toEqual(ROLE);
    expect(seen[0]?.headers.authorization).toContain(`Credential=AKIDB/20261122/${REGION}/sts/aws4_request`);
    expect(Object.fromEntries(seen[0]?.body ?? [])).toMatchObject({ RoleArn: 'arn:aws:iam::1:role/app', ExternalId: 'x' });
    await expect(get({ profileName: 'loop' }, env)).rejects.toThrow('circle');
  });

  it('of a role are assumed by STS, signed with what there is', async () => {
    respond = () => ({ body: stsAnswer() });
    const settings = { roleName: 'arn:aws:iam::1:role/r', sessionName: 'me', externalId: 'e' };
    expect(await get(settings, KEYS)).toEqual(ROLE);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ host: `sts.${REGION}.amazonaws.com`, method: 'POST' });
    expect(Object.fromEntries(seen[0]?.body ?? [])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::1:role/r',
      RoleSessionName: 'me',
      ExternalId: 'e',
    });
    expect(seen[0]?.headers.authorization).toContain('Credential=AKIDENV/');
    await get({ ...settings, stsEndpoint: 'https://sts.internal:8443' }, KEYS);
    await get({ ...settings, region: 'cn-north-1' }, KEYS);
    expect(seen.slice(1).map(({ host }) => host)).toEqual(['sts.internal:8443', 'sts.cn-north-1.amazonaws.com.cn']);
  });

  it.each([
    ['the token itself', 'eyJ.token'],
    ['a file', '/var/token'],
    ['a file, in LiteLLM’s words', 'oidc/file//var/token'],
    ['a variable', 'oidc/env/TOKEN'],
    ['a variable that names a file', 'oidc/env_path/TOKEN_PATH'],
  ])('of a role by web identity need no keys, with %s', async (_name, webIdentityToken) => {
    files['/var/token'] = 'eyJ.token\n';
    respond = () => ({ body: stsAnswer() });
    expect(await get({ roleName: 'r', webIdentityToken }, { TOKEN: 'eyJ.token', TOKEN_PATH: '/var/token' })).toEqual(ROLE);
    expect(Object.fromEntries(seen[0]?.body ?? [])).toMatchObject({ Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: 'eyJ.token' });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it('of a pod’s role are found by its environment', async () => {
    files['/var/run/token'] = 'eyJ.pod';
    respond = () => ({ body: stsAnswer() });
    expect(await get({}, { AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token', AWS_ROLE_ARN: 'arn:pod' })).toEqual(ROLE);
    expect(Object.fromEntries(seen[0]?.body ?? [])).toMatchObject({ RoleArn: 'arn:pod', WebIdentityToken: 'eyJ.pod' });
  });

  it('of a container come from the address its platform gives', async () => {
    files['/token'] = 'secret-token\n';
    respond = () => ({ body: MACHINE });
    expect(await get({}, { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' })).toEqual(FROM_MACHINE);
    const full = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
    };
    expect(await get({}, full)).toEqual(FROM_MACHINE);
    expect(seen.map(({ host, path, headers }) => [host, path, headers.authorization])).toEqual([
      ['169.254.170.2', '/v2/credentials/1', undefined],
      ['169.254.170.23', '/v1/credentials', 'secret-token'],
    ]);
    await expect(get({}, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://collector.example/' })).rejects.toMatchObject({
      code: 'upstream_auth',
    });
    expect(seen).toHaveLength(2);
  });

  it('of an instance come by IMDSv2: a session first, then the role’s name and its keys', async () => {
    respond = ({ method, path, headers }) => {
      if (method === 'PUT' && path === '/latest/api/token') return { body: 'session' };
      if (headers['x-aws-ec2-metadata-token'] !== 'session') return { status: 401, body: '' };
      return { body: path.endsWith('/security-credentials/') ? 'my-role' : MACHINE };
    };
    expect(await get()).toEqual(FROM_MACHINE);
    expect(seen.map(({ host, path }) => `${host}${path}`)).toEqual([
      '169.254.169.254/latest/api/token',
      '169.254.169.254/latest/meta-data/iam/security-credentials/',
      '169.254.169.254/latest/meta-data/iam/security-credentials/my-role',
    ]);
    await expect(get({}, { AWS_EC2_METADATA_DISABLED: 'true' })).rejects.toThrow('there are no AWS credentials');
  });

  it('are asked for once by many, and again before they end', async () => {
    let count = 0;
    respond = () => ({ body: stsAnswer(`ASIA${(count += 1)}`) });
    const source = awsCredentials({ region: REGION, roleName: 'r' }, environment(KEYS));
    const first = await Promise.all(Array.from({ length: 20 }, async () => source.credentials()));
    expect(new Set(first.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['ASIA1']));
    expect(source.credentials()).toMatchObject({ accessKeyId: 'ASIA1' });
    nowMs = Date.parse(END) - 60_000;
    expect(source.credentials()).toMatchObject({ accessKeyId: 'ASIA1' });
    await expect.poll(() => seen.length).toBe(2);
    await expect.poll(() => source.credentials()).toMatchObject({ accessKeyId: 'ASIA2' });
  });

  it('that are refused say why, and nothing of what was sent or received', async () => {
    respond = ({ body }) => ({
      status: 403,
      body: `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${body.get('RoleArn')} secret-env</Message></Error></ErrorResponse>`,
    });
    const failing = get({ roleName: 'arn:secret-role' }, KEYS);
    await expect(failing).rejects.toMatchObject({ code: 'upstream_auth', retry: 'elsewhere' });
    await expect(failing).rejects.toThrow('AWS STS gave no AWS credentials: status 403 (AccessDenied)');
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(String(error) + JSON.stringify(error)).not.toMatch(/secret|arn:/);
    respond = () => ({ body: 'not xml' });
    await expect(get({ roleName: 'r' }, KEYS)).rejects.toThrow('AWS STS gave no AWS credentials');
  });

  it('in forms that are not supported are named', async () => {
    files['/c'] = '[profile sso]\nsso_session = x\n';
    await expect(get({ profileName: 'sso' }, { AWS_CONFIG_FILE: '/c' })).rejects.toThrow('SSO');
    await expect(get({ roleName: 'r', webIdentityToken: 'oidc/github/aud' })).rejects.toThrow('oidc/github');
    await expect(get({ webIdentityToken: 'eyJ' })).rejects.toThrow('aws_role_name');
  });
});
