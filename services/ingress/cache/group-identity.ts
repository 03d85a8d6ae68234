import { hash } from 'node:crypto';
import type { Deployment, ModelMatch } from '#config';

export interface GroupIdentity {
  /** The group's name, and a hash of what tells its answers from those of other models. */
  readonly text: string;
  /** Fields that its deployments set where a request does not. */
  readonly setElsewhere: ReadonlySet<string>;
}

const known = new WeakMap<readonly Deployment[], GroupIdentity>();

/** What the answers of a group depend on, beside the request: another model behind its name makes all of them new. */
export function groupIdentity({ group, deployments }: ModelMatch): GroupIdentity {
  const found = known.get(deployments);
  if (found !== undefined) return found;
  const models = deployments.map(({ provider, upstreamModel, apiBase, defaultParams }) =>
    JSON.stringify([provider, upstreamModel, apiBase ?? null, defaultParams]),
  );
  const identity: GroupIdentity = {
    text: `${group} ${hash('sha256', [...new Set(models)].sort().join('\n'))}`,
    setElsewhere: new Set(deployments.flatMap(({ defaultParams }) => Object.keys(defaultParams))),
  };
  known.set(deployments, identity);
  return identity;
}
