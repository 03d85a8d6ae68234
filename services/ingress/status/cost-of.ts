import { pricedDeployment } from '#attempts';
import type { Pricer } from '#pricing';
import type { CostOf } from '#routing';

/** What a usage would cost at a deployment, in US dollars: for comparing deployments. */
export function costOfDeployment(pricer: Pricer): CostOf {
  return (deployment, usage, at) => {
    const { cost } = pricer.price({ deployment: pricedDeployment(deployment), usage, at });
    return cost === undefined ? undefined : Number(cost.totalUsd);
  };
}
