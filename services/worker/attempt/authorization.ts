import { type Deployment, resolveSecret } from '#config';
import type { CredentialsEnvironment, TokenSource, TokenSources } from '#credentials';
import type { ProviderAuth, ProviderRecord } from '#providers';
import type { UpstreamRequest } from '#upstream';
import { awsSigner, namesAwsCredentials } from './aws-authorization.ts';
import { misconfigured } from './misconfigured.ts';

type Headers = Readonly<Record<string, string>>;

/** Gives the headers that let a request in. Rejects with `GatewayError`. */
export type Authorize = (request: UpstreamRequest) => Headers | Promise<Headers>;

export interface Authorization {
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string>>;
  readonly authorize: Authorize | undefined;
}

export interface AuthorizationQuestion {
  readonly deployment: Deployment;
  readonly provider: ProviderRecord;
  readonly auth: ProviderAuth;
  /** A parameter of the deployment, resolved. */
  readonly param: (name: string) => string | undefined;
  /** A placeholder of the provider, filled in. */
  readonly setting: (name: string) => string | undefined;
  readonly origin: string;
}

/** How each deployment's requests are let in. A key that does not change is a header, set once; nothing is waited for then. */
export function createAuthorization(
  { env }: CredentialsEnvironment,
  tokens: TokenSources,
): (question: AuthorizationQuestion) => Authorization {
  return (question) => {
    const { deployment, provider } = question;
    const key = deployment.apiKey ? resolveSecret(deployment.apiKey, env) : provider.envKeys.map((name) => env[name]).find(Boolean);
    return authorizationFor(key, question, tokens) ?? withoutKey(question);
  };
}

/** Undefined: nothing to let the request in with. */
function authorizationFor(key: string | undefined, question: AuthorizationQuestion, tokens: TokenSources): Authorization | undefined {
  const { auth, param, origin } = question;
  switch (auth.kind) {
    case 'none':
      return NOTHING;
    case 'bearer':
      return key === undefined ? undefined : bearer(key);
    case 'header':
      return key === undefined ? undefined : withHeader(auth.header, auth.scheme === undefined ? key : `${auth.scheme} ${key}`);
    case 'query':
      return key === undefined ? undefined : { ...NOTHING, query: { [auth.parameter]: key } };
    case 'google-oauth':
      return key === undefined ? withTokens(tokens.google(param('vertex_credentials') ?? param('vertex_ai_credentials'))) : bearer(key);
    case 'entra-id':
      return key === undefined ? entra(question, tokens) : withHeader('api-key', key);
    case 'ibm-iam':
      return ibm(key, question, tokens);
    case 'workspace-oauth': {
      const [clientId, clientSecret] = [question.setting('client_id'), question.setting('client_secret')];
      if (key !== undefined) return bearer(key);
      return clientId && clientSecret ? withTokens(tokens.workspace({ origin, clientId, clientSecret })) : undefined;
    }
    case 'aws':
      if (key !== undefined && (question.deployment.apiKey || !namesAwsCredentials(param))) return bearer(key);
      return { ...NOTHING, authorize: awsSigner({ ...question, service: auth.service }, tokens) };
  }
}

const NOTHING: Authorization = { headers: {}, query: {}, authorize: undefined };

function withHeader(name: string, value: string): Authorization {
  return { ...NOTHING, headers: { [name]: value } };
}

function bearer(token: string): Authorization {
  return withHeader('authorization', `Bearer ${token}`);
}

function withTokens(source: TokenSource): Authorization {
  const toHeaders = (token: string): Headers => ({ authorization: `Bearer ${token}` });
  return {
    ...NOTHING,
    authorize: () => {
      const token = source.token();
      return typeof token === 'string' ? toHeaders(token) : token.then(toHeaders);
    },
  };
}

function entra({ param, setting }: AuthorizationQuestion, tokens: TokenSources): Authorization | undefined {
  const given = setting('azure_ad_token');
  if (given !== undefined) return bearer(given);
  const source = tokens.entra({
    tenantId: param('tenant_id'),
    clientId: param('client_id'),
    clientSecret: param('client_secret'),
    scope: param('azure_scope'),
    authorityHost: param('azure_authority_host'),
  });
  return source && withTokens(source);
}

/** Cloud Pak for Data has keys of its own, sent as they are: https://cloud.ibm.com/apidocs/watsonx-ai-cp */
function ibm(key: string | undefined, { param, setting }: AuthorizationQuestion, tokens: TokenSources): Authorization | undefined {
  const zenKey = setting('zen_api_key');
  if (zenKey !== undefined) return withHeader('authorization', `ZenApiKey ${zenKey}`);
  const token = setting('token');
  if (token !== undefined) return bearer(token);
  const apiKey = param('watsonx_apikey') ?? key;
  return apiKey === undefined ? undefined : withTokens(tokens.ibmIam(apiKey, setting('iam_url')));
}

function withoutKey({ deployment, provider }: AuthorizationQuestion): Authorization {
  // a self-hosted server with an address of its own may want no key
  if (deployment.apiBase || provider.keyOptional === true) return NOTHING;
  throw misconfigured(
    `no API key for ${deployment.modelGroup}: set ${[...provider.envKeys, ...(provider.envCredentials ?? [])].join(' or ')} for the worker`,
  );
}
