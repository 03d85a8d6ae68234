import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestAuthority, type TestAuthority } from './test-authority.ts';
import { createTokenSources } from './token-sources.ts';

const NO_ENTRA = { tenantId: undefined, clientId: undefined, clientSecret: undefined, scope: undefined, authorityHost: undefined };
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const SERVICE_ACCOUNT = {
  type: 'service_account',
  project_id: 'p',
  private_key_id: 'kid',
  private_key: PEM,
  client_email: 'robot@p.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};

let authority: TestAuthority;
beforeEach(async () => {
  authority = await startTestAuthority();
});
afterEach(() => authority.close());

describe('Google', () => {
  it('gives a service account a token for a JWT that its key has signed', async () => {
    const { google } = createTokenSources(authority.environment());
    expect(await google(JSON.stringify(SERVICE_ACCOUNT)).token()).toBe('token');
    const [asked] = authority.asked;
    expect(asked).toMatchObject({ method: 'POST', url: '/token', form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' } });
    expect(asked?.headers['x-origin']).toBe('https://oauth2.googleapis.com');
    const [header = '', claims = '', signature = ''] = asked?.form['assertion']?.split('.') ?? [];
    const plain = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(plain(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid' });
    expect(plain(claims)).toEqual({
      iss: SERVICE_ACCOUNT.client_email,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: SERVICE_ACCOUNT.token_uri,
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    });
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true);
  });

  it.each([
    ['the path in the setting', '/key.json', {}],
    ['GOOGLE_APPLICATION_CREDENTIALS', undefined, { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' }],
    ['JSON in GOOGLE_APPLICATION_CREDENTIALS', undefined, { GOOGLE_APPLICATION_CREDENTIALS: JSON.stringify(SERVICE_ACCOUNT) }],
    ['the file that gcloud writes', undefined, { HOME: '/home/me' }],
  ])('finds credentials by %s', async (_what, setting, env) => {
    const text = JSON.stringify(SERVICE_ACCOUNT);
    const files = { '/key.json': text, '/home/me/.config/gcloud/application_default_credentials.json': text };
    await createTokenSources(authority.environment(env, files)).google(setting).token();
    expect(authority.asked[0]?.form['assertion']).toBeDefined();
  });

  it('gives a person’s login a token for its refresh token', async () => {
    const login = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    expect(await createTokenSources(authority.environment()).google(JSON.stringify(login)).token()).toBe('token');
    expect(authority.asked[0]?.form).toEqual({ grant_type: 'refresh_token', client_id: 'c', client_secret: 's', refresh_token: 'r' });
  });

  it('exchanges the token of another cloud or cluster for one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headrace-google-'));
    writeFileSync(join(folder, 'subject'), 'subject token');
    const external = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${authority.url}/v1/token`,
      credential_source: { file: join(folder, 'subject') },
    };
    authority.answers = [{ status: 200, body: { access_token: 'federated', expires_in: 3600, token_type: 'Bearer' } }];
    const { google } = createTokenSources(authority.environment());
    expect(await google(JSON.stringify(external)).token()).toBe('federated');
    expect(authority.asked[0]).toMatchObject({ url: '/v1/token', form: { subject_token: 'subject token', audience: external.audience } });
    await expect(google('{"type":"external_account"}').token()).rejects.toThrow(/not complete/);
    rmSync(folder, { recursive: true });
  });

  it('asks the machine’s metadata server when there are no credentials', async () => {
    expect(
      await createTokenSources(authority.environment({ GCE_METADATA_HOST: authority.host }))
        .google(undefined)
        .token(),
    ).toBe('token');
    const [asked] = authority.asked;
    expect(asked?.url).toMatch(/^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token/);
    expect(asked?.headers['metadata-flavor']).toBe('Google');
  });

  it('says how to set credentials where there is no metadata server', async () => {
    authority.answers = [{ status: 404, body: 'not here' }];
    const token = createTokenSources(authority.environment()).google(undefined).token();
    await expect(token).rejects.toMatchObject({
      code: 'upstream_auth',
      retry: 'elsewhere',
      message: expect.stringContaining('vertex_credentials'),
    });
  });

  it.each([
    ['no JSON', '{ "private_key": "SECRET" ', /neither JSON/],
    ['a file that is not there', '/nothing', /can not be read/],
    ['a type nobody knows', '{"type":"other","private_key":"SECRET"}', /of this type/],
  ])('refuses %s without showing it', (_what, setting, message) => {
    const google = () => createTokenSources(authority.environment()).google(setting);
    expect(google).toThrow(message);
    expect(google).not.toThrow(/SECRET/);
  });

  it('refuses a key that is none without showing it', async () => {
    const broken = JSON.stringify({ ...SERVICE_ACCOUNT, private_key: 'SECRET' });
    const error = await Promise.resolve(createTokenSources(authority.environment()).google(broken).token()).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'upstream_auth' });
    expect(JSON.stringify([String(error), error, (error as Error).cause ?? null])).not.toContain('SECRET');
  });
});

describe('Entra ID', () => {
  it('gives a client secret a token for the scope of Azure’s models', async () => {
    const source = createTokenSources(authority.environment()).entra({ ...NO_ENTRA, tenantId: 't', clientId: 'c', clientSecret: 's' });
    expect(await source?.token()).toBe('token');
    expect(authority.asked[0]).toMatchObject({
      url: '/t/oauth2/v2.0/token',
      form: {
        grant_type: 'client_credentials',
        client_id: 'c',
        client_secret: 's',
        scope: 'https://cognitiveservices.azure.com/.default',
      },
    });
    expect(authority.asked[0]?.headers['x-origin']).toBe('https://login.microsoftonline.com');
  });

  it('gives a workload its token for the file that the platform writes, read anew each time', async () => {
    const files: Record<string, string> = { '/token': 'first\n' };
    const env = {
      AZURE_TENANT_ID: 't',
      AZURE_CLIENT_ID: 'c',
      AZURE_FEDERATED_TOKEN_FILE: '/token',
      AZURE_AUTHORITY_HOST: 'https://login.example/',
    };
    authority.answers = [
      { status: 503, body: '' },
      { status: 200, body: { access_token: 'token', expires_in: 3600 } },
    ];
    const source = createTokenSources(authority.environment(env, files)).entra(NO_ENTRA);
    await expect(source?.token()).rejects.toThrow(/status 503/);
    files['/token'] = 'second';
    expect(await source?.token()).toBe('token');
    expect(authority.asked.map((asked) => asked.form['client_assertion'])).toEqual(['first', 'second']);
    expect(authority.asked[1]?.form['client_assertion_type']).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(authority.asked[1]?.headers['x-origin']).toBe('https://login.example');
  });

  it('uses the managed identity of an app service, and of a virtual machine that says so', async () => {
    authority.answers = [{ status: 200, body: { access_token: 'token', expires_on: '1700003600' } }];
    const app = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'h' };
    await createTokenSources(authority.environment(app)).entra(NO_ENTRA)?.token();
    const machine = { AZURE_CREDENTIAL: 'ManagedIdentityCredential', AZURE_CLIENT_ID: 'c' };
    await createTokenSources(authority.environment(machine)).entra(NO_ENTRA)?.token();
    expect(authority.asked.map(({ url }) => url)).toEqual([
      '/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com',
      '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=c',
    ]);
    expect(authority.asked[0]?.headers['x-identity-header']).toBe('h');
    expect(authority.asked[1]?.headers).toMatchObject({ metadata: 'true', 'x-origin': 'http://169.254.169.254' });
  });

  it('is not asked where nothing says how', () => {
    expect(createTokenSources(authority.environment()).entra(NO_ENTRA)).toBeUndefined();
  });
});

it('IBM Cloud IAM gives a token for an API key', async () => {
  expect(await createTokenSources(authority.environment()).ibmIam('KEY', undefined).token()).toBe('token');
  expect(authority.asked[0]).toMatchObject({
    url: '/identity/token',
    form: { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'KEY' },
  });
  expect(authority.asked[0]?.headers['x-origin']).toBe('https://iam.cloud.ibm.com');
});

it('a workspace gives a service principal a token', async () => {
  const client = { origin: 'https://w.example', clientId: 'c', clientSecret: 's' };
  expect(await createTokenSources(authority.environment()).workspace(client).token()).toBe('token');
  expect(authority.asked[0]).toMatchObject({ url: '/oidc/v1/token', form: { grant_type: 'client_credentials', scope: 'all-apis' } });
  expect(authority.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('c:s').toString('base64')}`);
});

describe('an authority', () => {
  it('is asked once for deployments of the same credentials, and apart for others', async () => {
    const { ibmIam } = createTokenSources(authority.environment());
    expect(ibmIam('KEY', undefined)).toBe(ibmIam('KEY', undefined));
    await Promise.all(['KEY', 'KEY', 'OTHER'].map(async (key) => ibmIam(key, undefined).token()));
    expect(authority.asked).toHaveLength(2);
    expect(new Set(authority.asked.map((asked) => asked.form['apikey']))).toEqual(new Set(['KEY', 'OTHER']));
  });

  it.each<[string, number, unknown, RegExp]>([
    ['refuses', 400, { error: 'invalid_grant', error_description: 'SECRET was wrong' }, /status 400 \(invalid_grant\)/],
    ['answers no JSON', 502, '<html>SECRET</html>', /status 502/],
    ['gives no token', 200, { note: 'SECRET' }, /status 200/],
    ['names an error that is no word', 401, { error: 'SECRET is not a key' }, /status 401\.$/],
    ['redirects', 302, {}, /could not be asked/],
  ])('that %s is told about without what was sent or received', async (_what, status, body, message) => {
    authority.answers = [{ status, body }];
    const token = createTokenSources(authority.environment()).ibmIam('SECRET', undefined).token();
    const error = await Promise.resolve(token).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'upstream_auth', retry: 'elsewhere', message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain('SECRET');
    expect(authority.asked).toHaveLength(1);
  });

  it('that can not be reached is told about', async () => {
    const environment = { ...authority.environment(), fetch: () => Promise.reject(new TypeError('fetch failed')) };
    await expect(createTokenSources(environment).ibmIam('KEY', undefined).token()).rejects.toThrow(/IBM Cloud IAM could not be asked/);
  });
});
