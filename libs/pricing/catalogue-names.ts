import type { CatalogueName } from './catalogue-rates.ts';
import type { PricedDeployment } from './pricer.ts';

/**
 * A `base_model` may name its provider itself (`azure/gpt-4o`). Without one the catalogue is asked only for the deployment's own
 * provider: the same model name at another host has another price.
 */
export function catalogueNames(deployment: Pick<PricedDeployment, 'pricesAs' | 'baseModel' | 'upstreamModel'>): readonly CatalogueName[] {
  const { pricesAs, baseModel, upstreamModel } = deployment;
  if (baseModel === undefined) return pricesAs === undefined ? [] : [{ provider: pricesAs, model: upstreamModel }];
  const names: CatalogueName[] = pricesAs === undefined ? [] : [{ provider: pricesAs, model: baseModel }];
  const slash = baseModel.indexOf('/');
  if (slash > 0) names.push({ provider: baseModel.slice(0, slash), model: baseModel.slice(slash + 1) });
  names.push({ provider: undefined, model: baseModel.slice(slash + 1) });
  return names;
}
