import { type Bus, type HealthBucket, openHealthBucket } from '#bus';
import { holdOn, type LiveConfig } from '#config';
import type { CheckRecord, HoldMode } from '#contracts';
import { createDeploymentRules, createHealthBoard, type HealthBoard, withHolds } from '#routing';

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
  let held = heldDeployments(config);
  onRelease(
    live.onChange(() => {
      ruleOf = createDeploymentRules(config, models);
      held = heldDeployments(config);
    }),
  );
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
  return { board: withHolds(board, { modeOf: (id) => held.get(id), now: Date.now }), bucket };
}

function heldDeployments(config: LiveConfig['config']): ReadonlyMap<string, HoldMode> {
  return new Map(
    config.deployments.flatMap((deployment) => {
      const mode = holdOn(config, deployment);
      return mode === undefined ? [] : [[deployment.id, mode] as const];
    }),
  );
}
