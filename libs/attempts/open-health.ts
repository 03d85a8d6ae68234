import { type Bus, type HealthBucket, openHealthBucket } from '#bus';
import type { LiveConfig } from '#config';
import type { CheckRecord } from '#contracts';
import { createDeploymentRules, createHealthBoard, type HealthBoard } from '#routing';

export interface OpenHealthOptions {
  /** This process's id. */
  readonly by: string;
  readonly bus: Bus;
  readonly live: Pick<LiveConfig, 'config' | 'models' | 'onChange'>;
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
export async function openHealth({ by, bus, live, log, onRelease, onCheck }: OpenHealthOptions): Promise<OpenedHealth> {
  const { config, models } = live;
  const bucket = await openHealthBucket(bus);
  let ruleOf = createDeploymentRules(config, models);
  onRelease(live.onChange(() => (ruleOf = createDeploymentRules(config, models))));
  const board = createHealthBoard({
    store: bucket,
    by,
    now: Date.now,
    disabled: config.health.disabled,
    ruleOf: (id) => ruleOf(id),
    onError: (err, deploymentId) => log.warn({ err, deploymentId }, 'a deployment’s health could not be shared'),
    onChange: ({ deploymentId, state, code, until, by: decidedBy }) => {
      const message = state === 'closed' ? 'deployment is healthy again' : 'deployment is in cooldown';
      log.info({ deploymentId, code, until: new Date(until).toISOString(), decidedBy }, message);
    },
  });
  onRelease(await bucket.watch(board.apply, onCheck));
  return { board, bucket };
}
