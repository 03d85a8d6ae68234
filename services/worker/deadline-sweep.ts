import { GatewayError } from '#contracts';
import type { JobRegistry } from './job/job-registry.ts';
import type { WorkerResources } from './resources.ts';

const SWEEP_MS = 100;

/** Ends calls whose request's deadline has passed: one look at all jobs instead of a timer for each. Returns its end. */
export function startDeadlineSweep(registry: JobRegistry, resources: Pick<WorkerResources, 'now'>): () => void {
  const timer = setInterval(() => {
    const now = resources.now();
    for (const job of registry.all()) {
      if (now >= job.meta.deadlineAt && !job.sender.finished) job.interrupt(deadlineError());
    }
  }, SWEEP_MS);
  return () => clearInterval(timer);
}

function deadlineError(): GatewayError {
  return new GatewayError('upstream_timeout', 'The request’s deadline passed before the provider’s answer was complete.', {
    retry: 'never',
  });
}
