import { pricedDeployment } from '#attempts';
import type { Deployment } from '#config';
import { catalogueContext, catalogueNames } from '#pricing';

/** The context window of a deployment's model by the catalogue: its input can't be longer. Undefined where that does not say. */
export function contextOfDeployment(deployment: Deployment): number | undefined {
  return catalogueContext(catalogueNames(pricedDeployment(deployment)), new Date());
}
