import { type Deployment, resolveSecret } from '#config';
import { GatewayError } from '#contracts';
import { joinUpstreamUrl, type ProviderDialect } from '#dialects';
import { findProvider, type ProviderRecord } from '#providers';

/** A deployment's address and credentials, resolved. Lives in the worker's memory only. */
export interface UpstreamTarget {
  readonly dialect: ProviderDialect;
  readonly origin: string;
  /** The whole path and query for a path of the dialect. */
  pathFor(dialectPath: string): string;
  readonly headers: Readonly<Record<string, string>>;
  /** Origin and base path without credentials or query: for headers and the ledger. */
  readonly publicBase: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `GatewayError` (`upstream_auth`, try elsewhere) when a key or an address is missing: other deployments may be complete. */
export type TargetResolver = (deployment: Deployment) => UpstreamTarget;

/** Remembers what it resolved: the environment does not change while a process runs. */
export function createTargetResolver(env: Environment): TargetResolver {
  const known = new WeakMap<Deployment, UpstreamTarget>();
  return (deployment) => {
    const target = known.get(deployment) ?? resolveTarget(deployment, env);
    known.set(deployment, target);
    return target;
  };
}

function resolveTarget(deployment: Deployment, env: Environment): UpstreamTarget {
  const provider = findProvider(deployment.provider);
  if (!provider) throw misconfigured(`provider ${deployment.provider} is not known`);
  const base = parseBase(baseOf(deployment, provider, env), deployment);
  return {
    dialect: provider.dialect,
    origin: base.origin,
    pathFor: pathBuilder(base.href),
    headers: headersOf(deployment, provider, env),
    publicBase: base.origin + base.pathname.replace(/\/+$/, ''),
  };
}

function pathBuilder(base: string): (dialectPath: string) => string {
  const known = new Map<string, string>();
  return (dialectPath) => {
    const path = known.get(dialectPath) ?? pathOf(joinUpstreamUrl(base, dialectPath));
    known.set(dialectPath, path);
    return path;
  };
}

function pathOf(url: URL): string {
  return url.pathname + url.search;
}

function baseOf(deployment: Deployment, provider: ProviderRecord, env: Environment): string {
  const configured = deployment.apiBase && resolveSecret(deployment.apiBase, env);
  // never the provider's public address instead: the prompts are meant for the host that is missing
  if (deployment.apiBase && !configured) throw misconfigured(`the variable that api_base of ${deployment.modelGroup} names is not set`);
  const fromEnvironment = provider.envBase?.map((name) => env[name]).find(Boolean);
  const base = configured ?? fromEnvironment ?? provider.baseUrl;
  if (!base) throw misconfigured(`api_base is missing for ${deployment.modelGroup}`);
  return base;
}

function parseBase(base: string, deployment: Deployment): URL {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw misconfigured(`api_base of ${deployment.modelGroup} is not an http(s) URL`);
}

function headersOf(deployment: Deployment, provider: ProviderRecord, env: Environment): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', ...provider.headers };
  const key = deployment.apiKey ? resolveSecret(deployment.apiKey, env) : provider.envKeys.map((name) => env[name]).find(Boolean);
  if (provider.auth.kind !== 'none') Object.assign(headers, authHeader(provider, key, deployment));
  for (const [name, ref] of Object.entries(deployment.extraHeaders)) {
    const value = resolveSecret(ref, env);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function authHeader(provider: ProviderRecord, key: string | undefined, deployment: Deployment): Record<string, string> {
  if (!key) {
    // a self-hosted server with an address of its own may want no key
    if (deployment.apiBase || provider.envKeys.length === 0) return {};
    throw misconfigured(`no API key for ${deployment.modelGroup}: set ${provider.envKeys.join(' or ')} for the worker`);
  }
  return provider.auth.kind === 'header' ? { [provider.auth.header ?? 'x-api-key']: key } : { authorization: `Bearer ${key}` };
}

function misconfigured(detail: string): GatewayError {
  return new GatewayError('upstream_auth', `A deployment is not set up: ${detail}.`, { retry: 'elsewhere' });
}
