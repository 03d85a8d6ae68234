import type { Deployment, RouterSettings } from '#config';
import type { Candidate } from '#contracts';

export interface ModelLookup {
  resolve(model: string): { readonly group: string; readonly deployments: readonly Deployment[] } | undefined;
}

export interface PlanInput {
  readonly model: string;
  readonly models: ModelLookup;
  readonly router: RouterSettings;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * The order in which deployments are tried: the group's own, shuffled by weight and repeated until `num_retries` further
 * attempts are planned, then each fallback group in the same way. `undefined` when nobody serves the model.
 *
 * A second attempt goes to another deployment where the group has one: trying an overloaded provider again is the trap
 * that retries are known for.
 */
export function createPlan(input: PlanInput): readonly Candidate[] | undefined {
  const resolved = input.models.resolve(input.model);
  if (!resolved || resolved.deployments.length === 0) return undefined;
  const plan = planGroup(resolved.group, resolved.deployments, input);
  for (const fallback of fallbacksOf(input.model, resolved.group, input.router)) {
    const next = input.models.resolve(fallback);
    if (next) plan.push(...planGroup(fallback, next.deployments, input));
  }
  return plan;
}

function planGroup(group: string, deployments: readonly Deployment[], input: PlanInput): Candidate[] {
  const order = shuffleByWeight(deployments, input.random);
  const attempts = Math.max(1, input.router.numRetries + 1);
  const plan: Candidate[] = [];
  for (let i = 0; i < attempts; i++) {
    const deployment = order[i % order.length];
    if (deployment) plan.push({ deploymentId: deployment.id, provider: deployment.provider, tier: deployment.tier, modelGroup: group });
  }
  return plan;
}

function fallbacksOf(model: string, group: string, router: RouterSettings): readonly string[] {
  const own = (name: string) => (Object.hasOwn(router.fallbacks, name) ? router.fallbacks[name] : undefined);
  const named = own(model) ?? own(group) ?? own('*') ?? router.defaultFallbacks;
  return named.filter((name) => name !== model && name !== group).slice(0, router.maxFallbacks);
}

/** Weighted random order without replacement: `weight`, else `rpm`, else `tpm`, else 1 (LiteLLM's `simple-shuffle`). */
export function shuffleByWeight(deployments: readonly Deployment[], random: () => number): readonly Deployment[] {
  if (deployments.length < 2) return deployments;
  const rest = deployments.map((deployment) => ({ deployment, weight: weightOf(deployment) }));
  const order: Deployment[] = [];
  while (rest.length > 0) {
    const [picked] = rest.splice(pickIndex(rest, random), 1);
    if (picked) order.push(picked.deployment);
  }
  return order;
}

function weightOf(deployment: Deployment): number {
  return Math.max(0, deployment.weight ?? deployment.rpm ?? deployment.tpm ?? 1);
}

function pickIndex(list: readonly { readonly weight: number }[], random: () => number): number {
  const total = list.reduce((sum, entry) => sum + entry.weight, 0);
  let at = random() * total;
  for (const [index, entry] of list.entries()) {
    at -= entry.weight;
    if (at < 0) return index;
  }
  return list.length - 1;
}
