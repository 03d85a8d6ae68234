import { type Bus, type HealthBucket, openHealthBucket } from '#bus';
import type { GatewayConfig, ModelIndex } from '#config';
import type { CheckRecord } from '#contracts';
import { createDeploymentRules, createHealthBoard, type HealthBoard } from '#routing';

export interface OpenHealthOptions {
  /** This process's id. */
  readonly by: string;
  readonly bus: Bus;
  readonly config: GatewayConfig;
  readonly models: ModelIndex;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Called when the process ends. */
  readonly onRelease: (release: () => void) => void;
  readonly onCheck?: ((check: CheckRecord) => void) | undefined;
}

export interface OpenedHealth {
  readonly board: HealthBoard;
  readonly bucket: HealthBucket;
}

/** The health board over the bucket that all processes share; it knows what they know when this resolves. */
export async function openHealth({ by, bus, config, models, log, onRelease, onCheck }: OpenHealthOptions): Promise<OpenedHealth> {
  const bucket = await openHealthBucket(bus);
  const board = createHealthBoard({
    store: bucket,
    by,
    now: Date.now,
    disabled: config.health.disabled,
    ruleOf: createDeploymentRules(config, models),
    onError: (err, deploymentId) => log.warn({ err, deploymentId }, 'a deployment’s health could not be shared'),
    onChange: ({ deploymentId, state, code, until, by: decidedBy }) => {
      const message = state === 'closed' ? 'deployment is healthy again' : 'deployment is in cooldown';
      log.info({ deploymentId, code, until: new Date(until).toISOString(), decidedBy }, message);
    },
  });
  onRelease(await bucket.watch(board.apply, onCheck));
  return { board, bucket };
}
