import { collectDefaultMetrics, Registry } from 'prom-client';

export interface MetricsOptions {
  readonly service: string;
  readonly instance: string;
}

/** A registry with `service` and `instance` on every sample and the process's own figures in it. */
export function createMetrics(options: MetricsOptions): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service, instance: options.instance });
  // 100 ms instead of 10: the event loop monitor is the only part of these that costs anything between two scrapes.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  return registry;
}
