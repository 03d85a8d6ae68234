import { type Bus, onStatusAsked, publishStatus } from '#bus';
import { STATUS_INTERVAL_MS } from '#contracts';
import type { DeploymentMeter } from './deployment-meter.ts';

/**
 * Tells every ingress of this worker's deployments: at most four times a second and only what is new, and once a second while
 * calls are under way, so that its silence means something. Who starts later asks for it. Returns its end.
 */
export function startStatus(worker: string, { bus, meter }: { readonly bus: Bus; readonly meter: DeploymentMeter }): () => void {
  let asked = false;
  const stopAnswering = onStatusAsked(bus, () => {
    asked = true;
  });
  const timer = setInterval(() => {
    const deployments = meter.due() ?? (asked ? meter.digests() : undefined);
    asked = false;
    if (deployments !== undefined && deployments.length > 0) publishStatus(bus, { v: 1, worker, deployments });
  }, STATUS_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    stopAnswering();
  };
}
