import { type Deployment, resolveSecret } from '#config';
import type { ClientDialect } from '#contracts';
import { type CredentialsEnvironment, createTokenSources, googleProject } from '#credentials';
import { type DialectQuirks, joinUpstreamUrl, type ProviderDialect } from '#dialects';
import { findProvider, type ProviderRecord, type ResolvedProvider, resolveProvider } from '#providers';
import { type Authorize, createAuthorization } from './authorization.ts';
import { misconfigured } from './misconfigured.ts';
import { checkPath } from './check-path.ts';

/** A deployment's address and credentials for requests of one client format, resolved. Lives in the worker's memory only. */
export interface UpstreamTarget {
  readonly dialect: ProviderDialect;
  /** The model name for the provider. */
  readonly model: string;
  readonly quirks: DialectQuirks;
  /** Body fields set where the client did not: those of the deployment, then those of the provider. */
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly origin: string;
  /** The whole path and query for a path of the dialect. Throws `GatewayError` for a model name that would leave the provider's paths. */
  pathFor(dialectPath: string, stream: boolean): string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that each request needs anew: a signature, a token that expires. Those of `headers` go before them. */
  readonly authorize: Authorize | undefined;
  /** Origin and base path without credentials or query: for headers and the ledger. */
  readonly publicBase: string;
}

/** Throws `GatewayError` (`upstream_auth`, try elsewhere) when a key or an address is missing: other deployments may be complete. */
export type TargetResolver = (deployment: Deployment, clientDialect: ClientDialect) => UpstreamTarget;

/** Remembers what it resolved: the environment does not change while a process runs. */
export function createTargetResolver(environment: CredentialsEnvironment): TargetResolver {
  const known = new WeakMap<Deployment, Map<ClientDialect, UpstreamTarget>>();
  const authorization = createAuthorization(environment, createTokenSources(environment));
  return (deployment, clientDialect) => {
    const targets = known.get(deployment) ?? new Map<ClientDialect, UpstreamTarget>();
    known.set(deployment, targets);
    const target = targets.get(clientDialect) ?? resolveTarget({ deployment, clientDialect }, environment, authorization);
    targets.set(clientDialect, target);
    return target;
  };
}

interface Asked {
  readonly deployment: Deployment;
  readonly clientDialect: ClientDialect;
}

function resolveTarget(
  { deployment, clientDialect }: Asked,
  environment: CredentialsEnvironment,
  authorization: ReturnType<typeof createAuthorization>,
): UpstreamTarget {
  const { env } = environment;
  const provider = findProvider(deployment.provider);
  if (!provider) throw misconfigured(`provider ${deployment.provider} is not known`);
  if (deployment.unusable !== undefined) throw misconfigured(`the secrets of ${deployment.modelGroup} can not be opened by this worker`);
  const param = (name: string): string | undefined => resolveSecret(deployment.settings?.[name], env);
  const resolved = resolveProvider(provider, {
    model: deployment.upstreamModel,
    clientDialect,
    ownBase: ownBase(deployment, provider, { param, env }),
    param: (name) => param(name) ?? projectOf(name, provider, param, environment),
    env: (name) => env[name],
    missing: (names) => {
      throw misconfigured(`${names} is missing for ${deployment.modelGroup}`);
    },
  });
  const base = parseBase(resolved.baseUrl, deployment);
  const { query, headers, authorize } = authorization({
    deployment,
    provider,
    auth: resolved.auth,
    param,
    origin: base.origin,
    setting: resolved.setting,
  });
  return {
    dialect: resolved.dialect,
    model: resolved.model,
    quirks: resolved.quirks,
    defaultParams: { ...resolved.body, ...deployment.defaultParams },
    origin: base.origin,
    pathFor: pathBuilder(base, resolved, query),
    headers: { 'accept-encoding': 'identity', ...resolved.headers, ...headers, ...extraHeaders(deployment, env) },
    authorize,
    publicBase: base.origin + withoutSlashes(base.pathname),
  };
}

interface Lookup {
  readonly param: (name: string) => string | undefined;
  readonly env: CredentialsEnvironment['env'];
}

function ownBase(deployment: Deployment, provider: ProviderRecord, { param, env }: Lookup): string | undefined {
  const configured = deployment.apiBase && resolveSecret(deployment.apiBase, env);
  // never the provider's public address instead: the prompts are meant for the host that is missing
  if (deployment.apiBase && !configured) throw misconfigured(`the variable that api_base of ${deployment.modelGroup} names is not set`);
  const names = [...(provider.baseParams ?? []).map(param), ...(provider.envBase ?? []).map((name) => env[name])];
  return configured ?? withScheme(names.find(Boolean), provider.baseUrl?.startsWith('http:') ? 'http' : 'https');
}

/** Hosts are often set without a scheme in the environment (`DATABRICKS_HOST`, `OLLAMA_HOST`); that of api_base was checked. */
function withScheme(base: string | undefined, scheme: string): string | undefined {
  return base === undefined || base.includes('://') ? base : `${scheme}://${base}`;
}

/** A service account's own project, where nothing else names one; the first parameter that may hold it is filled in. */
function projectOf(
  name: string,
  provider: ProviderRecord,
  param: Lookup['param'],
  environment: CredentialsEnvironment,
): string | undefined {
  const setting = provider.auth.kind === 'google-oauth' ? provider.settings?.['vertex_project'] : undefined;
  if (setting === undefined || name !== setting.params[0]) return undefined;
  if ([...setting.params.map(param), ...setting.env.map((variable) => environment.env[variable])].some(Boolean)) return undefined;
  return googleProject(param('vertex_credentials') ?? param('vertex_ai_credentials'), environment);
}

function parseBase(base: string | undefined, deployment: Deployment): URL {
  if (!base) throw misconfigured(`api_base is missing for ${deployment.modelGroup}`);
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw misconfigured(`api_base of ${deployment.modelGroup} is not an http(s) URL`);
}

function extraHeaders(deployment: Deployment, env: CredentialsEnvironment['env']): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, ref] of Object.entries(deployment.extraHeaders)) {
    const value = resolveSecret(ref, env);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function pathBuilder(base: URL, resolved: ResolvedProvider, authQuery: Readonly<Record<string, string>>): UpstreamTarget['pathFor'] {
  const known = new Map<string, string>();
  const basePath = withoutSlashes(base.pathname);
  return (dialectPath, stream) => {
    const key = stream ? `${dialectPath} stream` : dialectPath;
    const found = known.get(key);
    if (found !== undefined) return found;
    // a base that is the whole address already is called as it is written
    const path = checkPath(basePath.endsWith(dialectPath) ? dialectPath : resolved.path(dialectPath, stream));
    const built = withQuery(joinUpstreamUrl(base.href, path), { ...resolved.query, ...authQuery });
    known.set(key, built);
    return built;
  };
}

/** What the operator wrote into the base's query counts before the provider's own. */
function withQuery(url: URL, query: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(query)) {
    if (!url.searchParams.has(name)) url.searchParams.append(name, value);
  }
  return url.pathname + url.search;
}

function withoutSlashes(pathname: string): string {
  return pathname.replace(/\/+$/, '');
}
