import type { BodyStore, Bus } from '#bus';
import type { GatewayConfig, ModelIndex } from '#config';
import type { Pricer } from '#pricing';
import type { KeyCache } from './auth/key-cache.ts';
import type { PendingJobs } from './job/pending-jobs.ts';
import type { IngressMetrics } from './metrics.ts';

export interface IngressLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an ingress is made of; built once in `main.ts`. */
export interface IngressResources {
  readonly ingressId: string;
  readonly log: IngressLog;
  /** Jobs and events. */
  readonly bus: Bus;
  /** Frames, control and heartbeats. */
  readonly link: Bus;
  readonly bodies: BodyStore;
  readonly keys: KeyCache;
  /** SHA-256, hex. */
  readonly masterKeyHash: string | undefined;
  readonly config: GatewayConfig;
  readonly models: ModelIndex;
  readonly pricer: Pricer;
  readonly pending: PendingJobs;
  readonly metrics: IngressMetrics;
  readonly now: () => number;
  readonly random: () => number;
  readonly newJobId: () => string;
}
