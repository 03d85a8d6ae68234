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
  /** Jobs and events. */
  readonly bus: Bus;
  /** Frames, control and heartbeats: a connection of their own, so that large jobs don't hold up small frames. */
  readonly link: Bus;
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
