import type { GatewayConfig } from './gateway-config.ts';
import type { Deployment } from './settings/deployment.ts';
import { closestKey } from './keys/closest-key.ts';
import { createModelIndex, type ModelIndex } from './models/model-index.ts';

/** Warnings about a configuration that is valid but may not do what its author expects. One line each. */
export function reviewConfig(config: GatewayConfig): readonly string[] {
  if (config.deployments.length === 0) return ['model_list has no models: every request will be answered with model_not_found'];
  const index = createModelIndex(config);
  return [...unknownNames(config, index), ...singleProviders(config, index)];
}

function unknownNames(config: GatewayConfig, index: ModelIndex): readonly string[] {
  const { fallbacks, defaultFallbacks, modelGroupAlias } = config.router;
  const named: (readonly [where: string, name: string])[] = [
    ...Object.keys(fallbacks)
      .filter((name) => name !== '*')
      .map((name) => ['fallbacks', name] as const),
    ...Object.values(fallbacks).flatMap((names) => names.map((name) => ['fallbacks', name] as const)),
    ...defaultFallbacks.map((name) => ['default_fallbacks', name] as const),
    ...Object.entries(config.autoRouting?.groups ?? {}).flatMap(([group, { weak, strong }]) =>
      [weak, strong].flatMap((name) => (name === undefined ? [] : [[`headrace.auto_routing.groups.${group}`, name] as const])),
    ),
    ...Object.values(modelGroupAlias).map((name) => ['model_group_alias', name] as const),
  ];
  const groups = config.deployments.map((deployment) => deployment.modelGroup);
  const lines = named
    .filter(([, name]) => index.resolve(name) === undefined)
    .map(([where, name]) => {
      const near = closestKey(name, groups, 2);
      return `${where} names "${name}", which is no model of model_list${near === undefined ? '' : `; did you mean "${near}"?`}`;
    });
  return [...new Set(lines)];
}

/**
 * Retrying a provider that is overloaded does not help: a group is only as available as the providers it and its fallbacks have.
 * One line per provider or host, naming its groups.
 */
function singleProviders(config: GatewayConfig, index: ModelIndex): readonly string[] {
  const groupsByProvider = new Map<string, string[]>();
  for (const [group, deployments] of Map.groupBy(config.deployments, ({ modelGroup }) => modelGroup)) {
    const providers = new Set([...deployments, ...fallbackDeployments(config, index, group)].map(hostOf));
    const [only] = providers;
    if (providers.size === 1 && only !== undefined) groupsByProvider.set(only, [...(groupsByProvider.get(only) ?? []), group]);
  }
  return [...groupsByProvider].map(([provider, groups]) => {
    const [noun, pronoun] = groups.length === 1 ? ['group', 'it'] : ['groups', 'them'];
    return `no second provider for ${noun} ${groups.join(', ')}: an outage of ${provider} takes ${pronoun} down`;
  });
}

/** What fails as one: the provider, or with an `api_base` the host behind it. Never the whole URL, which may hold a password. */
function hostOf(deployment: Deployment): string {
  const { apiBase, provider } = deployment;
  if (apiBase === undefined || 'sealed' in apiBase) return provider;
  return 'env' in apiBase ? `the host in ${apiBase.env}` : (URL.parse(apiBase.literal)?.host ?? provider);
}

function fallbackDeployments(config: GatewayConfig, index: ModelIndex, group: string): readonly Deployment[] {
  const { fallbacks, defaultFallbacks } = config.router;
  const names = fallbacks[group] ?? fallbacks['*'] ?? defaultFallbacks;
  return names.flatMap((name) => index.resolve(name)?.deployments ?? []);
}
