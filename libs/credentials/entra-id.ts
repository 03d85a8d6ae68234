import { type CredentialsEnvironment, credentialsError, requestToken } from './token-request.ts';
import type { IssuedToken } from './token-source.ts';

export interface EntraSettings {
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly scope: string | undefined;
  readonly authorityHost: string | undefined;
}

const SCOPE = 'https://cognitiveservices.azure.com/.default';
const AUTHORITY_HOST = 'https://login.microsoftonline.com';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Values of AZURE_CREDENTIAL, as LiteLLM reads it, that mean the machine's own identity. */
const MACHINE_IDENTITIES = new Set(['ManagedIdentityCredential', 'DefaultAzureCredential']);

/**
 * How Entra ID tokens are got: with a client secret, a federated token file (workload identity), or the machine's managed identity where
 * the machine says that it has one. Undefined: nothing says how.
 */
export function entraIssuer(settings: EntraSettings, environment: CredentialsEnvironment): (() => Promise<IssuedToken>) | undefined {
  const { env } = environment;
  const scope = settings.scope ?? env['AZURE_SCOPE'] ?? SCOPE;
  const { tenantId = env['AZURE_TENANT_ID'], clientId = env['AZURE_CLIENT_ID'], clientSecret = env['AZURE_CLIENT_SECRET'] } = settings;
  const authority = (settings.authorityHost ?? env['AZURE_AUTHORITY_HOST'] ?? AUTHORITY_HOST).replace(/\/+$/, '');
  const url = `${authority}/${tenantId}/oauth2/v2.0/token`;
  const ask = (form: Readonly<Record<string, string>>) =>
    requestToken({ url, form: { grant_type: 'client_credentials', scope, ...form }, authority: 'Entra ID' }, environment);
  if (tenantId && clientId) {
    if (clientSecret) return () => ask({ client_id: clientId, client_secret: clientSecret });
    const file = env['AZURE_FEDERATED_TOKEN_FILE'];
    // read every time: the platform replaces it
    const assertion = (path: string) => ({ client_assertion_type: ASSERTION_TYPE, client_assertion: readToken(path, environment) });
    if (file) return async () => ask({ client_id: clientId, ...assertion(file) });
  }
  return machineIssuer(scope, clientId, environment);
}

/** https://www.rfc-editor.org/rfc/rfc7523#section-2.2 */
function readToken(path: string, { readFile }: CredentialsEnvironment): string {
  try {
    return readFile(path).trim();
  } catch (error) {
    throw credentialsError('the file of AZURE_FEDERATED_TOKEN_FILE can not be read', error);
  }
}

/**
 * App Service and Container Apps give an endpoint and a header
 * (https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference); virtual machines have a fixed address
 * (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token), asked only when
 * AZURE_CREDENTIAL says so: elsewhere it answers nobody.
 */
function machineIssuer(
  scope: string,
  clientId: string | undefined,
  environment: CredentialsEnvironment,
): (() => Promise<IssuedToken>) | undefined {
  const {
    IDENTITY_ENDPOINT: endpoint,
    IDENTITY_HEADER: secret,
    AZURE_CREDENTIAL: credential,
    AZURE_POD_IDENTITY_AUTHORITY_HOST,
  } = environment.env;
  const resource = scope.replace(/\/\.default$/, '');
  const authority = 'the managed identity';
  const query = (version: string) =>
    new URLSearchParams({ 'api-version': version, resource, ...(clientId ? { client_id: clientId } : {}) }).toString();
  if (endpoint && secret) {
    const url = `${endpoint}?${query('2019-08-01')}`;
    return () => requestToken({ url, headers: { 'x-identity-header': secret }, authority }, environment);
  }
  if (!MACHINE_IDENTITIES.has(credential ?? '')) return undefined;
  const host = (AZURE_POD_IDENTITY_AUTHORITY_HOST || 'http://169.254.169.254').replace(/\/+$/, '');
  const url = `${host}/metadata/identity/oauth2/token?${query('2018-02-01')}`;
  return () => requestToken({ url, headers: { metadata: 'true' }, authority }, environment);
}
