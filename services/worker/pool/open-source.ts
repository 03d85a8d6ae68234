import { createJobPuller, ensureJobConsumer, type PulledJob } from '#bus';
import type { GatewayConfig } from '#config';
import type { JobRoute } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import type { Source } from './source.ts';

export interface SourceHandlers {
  readonly onJob: (source: Source, pulled: PulledJob) => void;
  readonly onEmpty: (source: Source) => void;
  readonly onRoom: () => void;
}

export interface SourceOptions extends SourceHandlers {
  /** All queues of the pool. */
  readonly routes: readonly JobRoute[];
  /** How long a pull stays open. */
  readonly pullExpiresMs: number | undefined;
}

const REPAIR_PAUSE_MS = 5_000;

/** A queue with its consumer, made where it is missing. Nothing is asked for yet. */
export async function openSource(route: JobRoute, options: SourceOptions, resources: WorkerResources): Promise<Source> {
  const consumer = await ensureJobConsumer(resources.bus, route);
  const source: Source = {
    route,
    share: shareOf(route, options.routes, resources.config),
    isLive: route.lane === 'live',
    isGated: route.queue !== undefined,
    held: [],
    emptyUntil: 0,
    window: 1,
    lastJobAt: 0,
    puller: createJobPuller({
      bus: resources.bus,
      consumer,
      expiresMs: options.pullExpiresMs,
      onJob: (pulled) => options.onJob(source, pulled),
      onRoom: options.onRoom,
      onRefused: createRefusalHandler(route, resources),
      onEmpty: () => options.onEmpty(source),
      // what came in the whole life of a pull is what is asked for ahead from now on
      onUnfilled: (count) => (source.window = Math.max(1, source.window - count)),
    }),
  };
  return source;
}

/** A queue gets its lane's share of the slots, whichever of the lane's queues have jobs. */
export function shareOf({ lane, queue }: JobRoute, routes: readonly JobRoute[], config: Pick<GatewayConfig, 'queueing'>): number {
  if (queue !== undefined) return 0;
  const common = routes.filter((route) => route.queue === undefined && route.bulk === undefined);
  const total = common.reduce((sum, route) => sum + config.queueing.laneWeights[route.lane], 0);
  return config.queueing.laneWeights[lane] / total;
}

/** A consumer may have been deleted: nobody but its workers makes it again. Looked after every few seconds at most. */
function createRefusalHandler(route: JobRoute, resources: WorkerResources): (reason: string) => void {
  let lookedAt = 0;
  return (reason) => {
    resources.metrics.refusedPulls.inc({ reason });
    if (resources.now() - lookedAt < REPAIR_PAUSE_MS) return;
    lookedAt = resources.now();
    resources.log.warn({ ...route, reason }, 'a pull was refused');
    ensureJobConsumer(resources.bus, route).catch((error: unknown) => {
      resources.log.warn({ ...route, err: error }, 'the consumer could not be looked after');
    });
  };
}
