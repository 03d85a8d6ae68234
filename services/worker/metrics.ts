import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface WorkerMetrics {
  readonly attempts: Counter<'provider' | 'status' | 'code'>;
  readonly running: Gauge<'provider'>;
  readonly queueSeconds: Histogram<'lane'>;
  readonly upstreamSeconds: Histogram<'provider'>;
  readonly refusedPulls: Counter<'reason'>;
}

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  return {
    attempts: new Counter({
      name: 'headrace_worker_attempts_total',
      help: 'Upstream attempts by how they ended',
      labelNames: ['provider', 'status', 'code'],
      registers,
    }),
    running: new Gauge({ name: 'headrace_worker_running_jobs', help: 'Jobs being executed', labelNames: ['provider'], registers }),
    queueSeconds: new Histogram({
      name: 'headrace_worker_queue_seconds',
      help: 'Time from acceptance to the start of an attempt',
      labelNames: ['lane'],
      buckets: SECONDS,
      registers,
    }),
    upstreamSeconds: new Histogram({
      name: 'headrace_worker_upstream_seconds',
      help: 'Time the provider took for an attempt',
      labelNames: ['provider'],
      buckets: SECONDS,
      registers,
    }),
    refusedPulls: new Counter({
      name: 'headrace_worker_refused_pulls_total',
      help: 'Pull requests the server refused',
      labelNames: ['reason'],
      registers,
    }),
  };
}
