import type { BodyStore, Bus } from '#bus';
import type { GatewayConfig, ModelIndex } from '#config';
import type { Pricer } from '#pricing';
import type { Upstream } from '#upstream';
import type { TargetResolver } from './attempt/upstream-target.ts';
import type { WorkerMetrics } from './metrics.ts';

export interface WorkerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a worker is made of; built once in `main.ts`. */
export interface WorkerResources {
  readonly workerId: string;
  readonly log: WorkerLog;
  /**
   * Jobs, events, frames, control and heartbeats. One connection on purpose: an outcome and the client's last frame leave
   * in one write, the outcome first. Large bodies have a connection of their own.
   */
  readonly bus: Bus;
  readonly bodies: BodyStore;
  readonly upstream: Upstream;
  readonly config: GatewayConfig;
  readonly models: ModelIndex;
  readonly pricer: Pricer;
  readonly targetOf: TargetResolver;
  readonly metrics: WorkerMetrics;
  readonly now: () => number;
  readonly random: () => number;
}
