import type { DeploymentLoad } from '../status/deployment-load.ts';

/** Calls under way at the workers, and jobs planned here that no worker has told of yet. */
export function busyness(load: DeploymentLoad | undefined): number {
  return load === undefined ? 0 : Math.max(0, load.inFlight + load.expected - load.ended);
}
