import type { FastifyInstance } from 'fastify';
import type { Deployment } from '#config';
import { type ProviderRecord, PROVIDERS } from '#providers';
import { authenticateRequest } from './access/authenticate-request.ts';
import type { IngressResources } from './resources.ts';

interface ProviderEntry {
  readonly id: string;
  readonly object: 'provider';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly dialects: readonly string[];
  /** Null: `api_base` has to be given. May hold `{placeholders}`. */
  readonly host: string | null;
  readonly host_confidence: ProviderRecord['hostConfidence'];
  /** Names of variables, never their values. */
  readonly env: readonly string[];
  readonly operations: readonly string[];
  readonly quirks: readonly string[];
  readonly docs_url: string | null;
  readonly configured_deployments: number;
}

/** `GET /v1/providers`: the provider table, and how many deployments of the configuration use each entry. No secrets, no addresses of the operator. */
export function registerProvidersRoute(
  app: FastifyInstance,
  resources: Pick<IngressResources, 'config' | 'keys' | 'masterKeyHash' | 'now'>,
): void {
  app.get('/v1/providers', async (request) => {
    await authenticateRequest(request, resources, 'llm', 'info');
    return { object: 'list', data: listProviders(resources.config.deployments) };
  });
}

function listProviders(deployments: readonly Deployment[]): readonly ProviderEntry[] {
  const counts = new Map<string, number>();
  for (const { provider } of deployments) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  return PROVIDERS.map((provider) => toEntry(provider, counts.get(provider.id) ?? 0)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function toEntry(provider: ProviderRecord, configured: number): ProviderEntry {
  const { conversations, operations = [], families = [], envKeys, envCredentials = [], envBase = [] } = provider;
  return {
    id: provider.id,
    object: 'provider',
    name: provider.name,
    aliases: provider.aliases ?? [],
    dialects: [...new Set([provider.dialect, ...families.flatMap((family) => family.dialect ?? [])])],
    host: provider.baseUrl ?? null,
    host_confidence: provider.hostConfidence,
    env: [...envKeys, ...envCredentials, ...envBase],
    operations: conversations === false ? operations : ['conversations', ...operations],
    quirks: Object.keys(provider.quirks),
    docs_url: provider.docsUrl ?? null,
    configured_deployments: configured,
  };
}
