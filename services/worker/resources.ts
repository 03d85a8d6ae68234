import type { BodyStore, Bus, HealthBucket } from '#bus';
import type { GatewayConfig, ModelIndex } from '#config';
import type { GuardTools } from '#guardrails';
import type { Pricer } from '#pricing';
import type { PromptKeeper } from '#prompts';
import type { HealthBoard } from '#routing';
import type { MediaFetcher, Upstream } from '#upstream';
import type { TargetResolver } from './attempt/upstream-target.ts';
import type { Permits } from './limits/permits.ts';
import type { OneATurn } from './job/one-a-turn.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { WorkerRuns } from './run/worker-runs.ts';
import type { DeploymentMeter } from './status/deployment-meter.ts';

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
  /** For providers that take no addresses of pictures and documents. */
  readonly fetchMedia: MediaFetcher;
  /** As it is now: models and settings may change while the worker runs. */
  readonly config: GatewayConfig;
  /** What guardrails work with. */
  readonly guardTools: GuardTools;
  readonly models: ModelIndex;
  /** Called after each change of the configuration. Returns its end. */
  readonly onConfigChange: (listener: () => void) => () => void;
  readonly pricer: Pricer;
  readonly targetOf: TargetResolver;
  readonly metrics: WorkerMetrics;
  /** Load and speed of the deployments this worker calls. */
  readonly meter: DeploymentMeter;
  /** Which deployments are in cooldown, here and everywhere. */
  readonly health: HealthBoard;
  /** Where the results of active checks go. */
  readonly healthBucket: Pick<HealthBucket, 'saveCheck' | 'lease'>;
  /** For deployments with limits of their own. */
  readonly permits: Permits;
  /** Where answers go that nobody waits for on a connection. */
  readonly runs: WorkerRuns;
  /** What those jobs were asked and answered, where that is kept. */
  readonly prompts: PromptKeeper;
  /** For work that can wait until a burst of cancels is through. */
  readonly afterCancels: OneATurn;
  readonly now: () => number;
  readonly random: () => number;
}
