import type { Deployment } from '#config';
import type { Alert, HealthRecord } from '#contracts';

export interface OutageWatch {
  /** A breaker's record as it is now. */
  told(record: HealthRecord): void;
  /** Deployments that have been out for so long without a break; each outage is told again every time, under the same name. */
  down(options: { readonly now: number; readonly afterMs: number }): Alert[];
}

/** Follows the breakers of deployments. `find` is the configuration's deployment of that id. */
export function createOutageWatch(find: (deploymentId: string) => Pick<Deployment, 'provider' | 'modelGroup'> | undefined): OutageWatch {
  const out = new Map<string, HealthRecord>();
  return {
    told(record) {
      if (record.state === 'closed') out.delete(record.deploymentId);
      else out.set(record.deploymentId, record);
    },
    down({ now, afterMs }) {
      const found: Alert[] = [];
      for (const { deploymentId, since, code } of out.values()) {
        const deployment = find(deploymentId);
        if (deployment === undefined || now - since < afterMs) continue;
        const { provider, modelGroup } = deployment;
        found.push({ kind: 'provider_down', provider, deploymentId, modelGroup, since, cause: code });
      }
      return found;
    },
  };
}
