import { hash } from 'node:crypto';
import type { Deployment } from '../settings/deployment.ts';
import type { QueueSettings } from '../settings/queue-settings.ts';

/** Each queue is eleven consumers in JetStream: providers with more limited deployments than this have several share one. */
const MOST_QUEUES = 16;

/**
 * A deployment with limits of its own, or in a pool that finds its concurrency itself, waits in a queue of its own: a job that has to
 * wait for a permit then blocks nobody else's. The name depends on nothing but the configuration, so all processes agree on it.
 */
export function assignQueues(deployments: readonly Deployment[], concurrency: QueueSettings['concurrency']): readonly Deployment[] {
  const needsOwn = (deployment: Deployment): boolean => isLimited(deployment) || concurrency[deployment.provider] === 'auto';
  const counts = new Map<string, number>();
  for (const { provider } of deployments.filter(needsOwn)) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  return deployments.map((deployment) => {
    if (!needsOwn(deployment)) return deployment;
    const queue = queueName(deployment.id, counts.get(deployment.provider) ?? 0);
    return deployment.queue === queue ? deployment : { ...deployment, queue };
  });
}

export function isLimited({ rpm, tpm, maxParallelRequests }: Pick<Deployment, 'rpm' | 'tpm' | 'maxParallelRequests'>): boolean {
  return rpm !== undefined || tpm !== undefined || maxParallelRequests !== undefined;
}

function queueName(id: string, count: number): string {
  if (count <= MOST_QUEUES) return id;
  return String(Number.parseInt(hash('sha256', id).slice(0, 8), 16) % MOST_QUEUES);
}
