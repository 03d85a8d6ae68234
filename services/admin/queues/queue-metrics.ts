import { Gauge, type Registry } from 'prom-client';
import type { JobQueueState } from '#bus';
import type { QueueStates } from './queue-states.ts';

const LABELS = ['lane', 'tier', 'provider'] as const;
type Label = (typeof LABELS)[number];

/** What waits and runs, by lane, tier and provider; looked up when the metrics are read. Every replica of this service tells the same. */
export function registerQueueMetrics(registry: Registry, queues: QueueStates, now: () => number): void {
  const gauge = (name: string, help: string, valueOf: (states: readonly JobQueueState[]) => number): void => {
    new Gauge<Label>({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      async collect() {
        const states = await queues.read().catch(() => undefined);
        this.reset();
        for (const [place, ones] of byPlace(states ?? [])) this.set(place, valueOf(ones));
      },
    });
  };
  gauge('headrace_jobs_waiting', 'Jobs in the queue that no worker has yet', (all) => sum(all, ({ waiting }) => waiting));
  gauge('headrace_jobs_running', 'Jobs that workers have', (all) => sum(all, ({ running }) => running));
  gauge('headrace_jobs_open_pulls', 'Pulls of workers that wait for jobs: 0 where nobody serves a queue', (all) =>
    sum(all, ({ pulls }) => pulls),
  );
  gauge('headrace_jobs_oldest_seconds', 'How long the oldest job that no worker has yet waits', (all) => oldestAgeMs(all, now()) / 1_000);
}

function byPlace(states: readonly JobQueueState[]): [Record<Label, string>, JobQueueState[]][] {
  const groups = Map.groupBy(states, ({ route: { lane, tier, provider } }) => `${lane} ${tier} ${provider}`);
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const { lane, tier, provider } = first.route;
    return [[{ lane, tier, provider }, all] as [Record<Label, string>, JobQueueState[]]];
  });
}

function sum(states: readonly JobQueueState[], numberOf: (state: JobQueueState) => number): number {
  return states.reduce((total, state) => total + numberOf(state), 0);
}

/** Milliseconds; 0 where nothing waits. */
export function oldestAgeMs(states: readonly JobQueueState[], now: number): number {
  return states.reduce((oldest, { oldestAt }) => Math.max(oldest, oldestAt === undefined ? 0 : now - oldestAt), 0);
}
