import type { Deployment, GatewayConfig, ModelIndex } from '#config';
import { fallbackGroups } from '../fallback-groups.ts';
import type { CooldownRule } from './cooldown-rule.ts';

export type DeploymentRule = CooldownRule & { readonly cooldownMs: number };

/** The cooldown rule of each deployment: its own settings, else the router's. */
export function createDeploymentRules(
  config: Pick<GatewayConfig, 'deployments' | 'router' | 'health'>,
  models: Pick<ModelIndex, 'resolve'>,
): (deploymentId: string) => DeploymentRule {
  const rules = new Map<string, DeploymentRule>();
  const sizes = Map.groupBy(config.deployments, ({ modelGroup }) => modelGroup);
  for (const deployment of config.deployments) {
    const hasPeers = (sizes.get(deployment.modelGroup)?.length ?? 0) > 1;
    rules.set(deployment.id, ruleFor(deployment, config.health, hasPeers || hasFallback(deployment, config, models)));
  }
  const unknown: DeploymentRule = { ...config.health, hasAlternative: false, isWildcard: false };
  return (id) => rules.get(id) ?? unknown;
}

function ruleFor(deployment: Deployment, shared: GatewayConfig['health'], hasAlternative: boolean): DeploymentRule {
  const own = deployment.health;
  return {
    allowedFails: own?.allowedFails ?? shared.allowedFails,
    allowedFailsPolicy: own?.allowedFailsPolicy ?? shared.allowedFailsPolicy,
    cooldownMs: own?.cooldownMs ?? shared.cooldownMs,
    hasAlternative,
    isWildcard: deployment.modelGroup.includes('*'),
  };
}

/** Of any kind of request: fallbacks for long or refused requests take no others. */
function hasFallback({ modelGroup }: Deployment, { router }: Pick<GatewayConfig, 'router'>, models: Pick<ModelIndex, 'resolve'>): boolean {
  return fallbackGroups(modelGroup, modelGroup, router).some(({ group, for: cause }) => {
    return cause === undefined && (models.resolve(group)?.deployments.length ?? 0) > 0;
  });
}
