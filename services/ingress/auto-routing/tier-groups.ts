import { pricedDeployment } from '#attempts';
import { type AutoGroup, type ListedModel, type ModelIndex, parseTeamGroup } from '#config';
import { GatewayError, NO_USAGE } from '#contracts';
import type { Pricer } from '#pricing';
import { modelFacts } from '../models/model-facts.ts';

/** Model groups. */
export interface TierGroups {
  readonly weak: string;
  readonly strong: string;
}

export interface TierSources {
  readonly models: Pick<ModelIndex, 'list'>;
  readonly pricer: Pricer;
  /** When prices are asked for. */
  readonly at: Date;
}

/** What prices are compared by: an answer half as long as its question. */
const SAMPLE = { ...NO_USAGE, inputTokens: 1_000, outputTokens: 500 };

/**
 * The model groups behind the tiers of an auto group: as it names them, else the cheapest and the dearest for conversations that have a price. Throws
 * `model_not_found` where there are no two.
 */
export function tierGroups(name: string, { weak, strong }: Pick<AutoGroup, 'weak' | 'strong'>, sources: TierSources): TierGroups {
  if (weak !== undefined && strong !== undefined) return { weak, strong };
  const priced = groupsByPrice(sources);
  const cheapest = weak ?? priced.find((one) => one !== strong);
  const dearest = strong ?? priced.findLast((one) => one !== cheapest);
  if (cheapest !== undefined && dearest !== undefined) return { weak: cheapest, strong: dearest };
  throw new GatewayError(
    'model_not_found',
    `The model ${name} has no two priced models to choose between. Name them as weak and strong in headrace.auto_routing.groups.${name}.`,
    { param: 'model' },
  );
}

/** The cheapest first. */
function groupsByPrice({ models, pricer, at }: TierSources): readonly string[] {
  const priced = models.list().flatMap((model) => {
    const [deployment] = model.deployments;
    if (deployment === undefined || !isForEverybody(model) || modelFacts(deployment, { pricer, at }).mode !== 'chat') return [];
    const { cost } = pricer.price({ deployment: pricedDeployment(deployment), usage: SAMPLE, at });
    return cost === undefined ? [] : [{ name: model.name, usd: Number(cost.totalUsd) }];
  });
  return priced.sort((a, b) => a.usd - b.usd).map(({ name }) => name);
}

function isForEverybody({ name, wildcard, aliasOf }: ListedModel): boolean {
  return !wildcard && aliasOf === undefined && parseTeamGroup(name) === undefined;
}
