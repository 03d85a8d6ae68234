import { pricedDeployment } from '#attempts';
import type { Deployment } from '#config';
import type { ClientDialect } from '#contracts';
import { costInUsage, type Exchange } from '#dialects';
import type { WorkerResources } from '../resources.ts';

/** The exchange with what a stream costs in the usage it ends with, where the configuration wants it there (`include_cost_in_streaming_usage`). */
export function priceStream(
  exchange: Exchange,
  { deployment, dialect }: { readonly deployment: Deployment; readonly dialect: ClientDialect },
  { config, pricer, now }: Pick<WorkerResources, 'config' | 'pricer' | 'now'>,
): Exchange {
  if (config.prices?.costInUsage !== true || exchange.relaysContentType === true) return exchange;
  const openStream: Exchange['openStream'] = () => {
    const at = new Date(now());
    return costInUsage(exchange.openStream(), dialect, (usage) =>
      exchange.isFree === true ? '0' : pricer.price({ deployment: pricedDeployment(deployment), usage, at, answered: true }).cost?.totalUsd,
    );
  };
  return { ...exchange, openStream };
}
