import { holdOn } from '#config';
import { jobConsumer, type JobRoute } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import type { WorkerOptions } from '../worker.ts';
import { createPool, type Pool, type PoolOptions } from './pool.ts';
import { routesOf } from './source.ts';

export interface OpenedPools {
  /** One per provider that has, or had, models while this worker runs. */
  readonly pools: readonly Pool[];
  /** Queues no longer come and go. */
  freeze(): void;
}

export type PoolsOptions = WorkerOptions & Pick<PoolOptions, 'held' | 'execute'>;

/** The queue of a deployment that was taken away is pulled from for so long: jobs that were planned before are still in it. */
const KEEP_QUEUE_MS = 15 * 60_000;
const REPEAT_AFTER_MS = 1_000;

/**
 * A pool per provider of the configuration, or of those this worker is for, and their queues. After each change of the configuration new
 * queues are opened at once; one that nobody publishes to any more is left after a while.
 */
export async function openPools(options: PoolsOptions, resources: WorkerResources): Promise<OpenedPools> {
  const pools = new Map<string, Pool>();
  const opened: Pool[] = [];
  const wanted = createWantedRoutes(resources);
  let timer: NodeJS.Timeout | undefined;
  let frozen = false;
  let isStale = false;
  let running: Promise<void> | undefined;

  const openOne = async (provider: string, routes: readonly JobRoute[]): Promise<void> => {
    const pool = pools.get(provider);
    if (pool !== undefined) return pool.setRoutes(routes);
    const fixed = resources.config.queueing.concurrency[provider];
    const slots = typeof fixed === 'number' ? fixed : options.concurrency;
    const created = await createPool({ provider, routes, slots, held: options.held, execute: options.execute }, resources);
    pools.set(provider, created);
    opened.push(created);
    if (frozen) void created.stop();
  };
  const openAll = async (): Promise<void> => {
    for (const [provider, routes] of wanted.look(providersOf(resources, options.providers))) await openOne(provider, routes);
  };
  const followUp = (): void => {
    const dueInMs = wanted.nextChangeInMs();
    clearTimeout(timer);
    if (!frozen && dueInMs !== undefined) timer = setTimeout(reconcile, dueInMs).unref();
  };
  // one after the other: two at once would open a queue twice
  const reconcile = (): void => {
    if (frozen) return;
    isStale = true;
    running ??= (async () => {
      while (isStale && !frozen) {
        isStale = false;
        await openAll().catch(async (err: unknown) => {
          resources.log.warn({ err }, 'the queues of a changed configuration could not be opened, trying on');
          isStale = true;
          await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MS).unref());
        });
      }
      running = undefined;
      followUp();
    })();
  };

  await openAll();
  const stopFollowing = resources.onConfigChange(reconcile);
  return {
    pools: opened,
    freeze() {
      frozen = true;
      clearTimeout(timer);
      stopFollowing();
    },
  };
}

/** Which queues are pulled from: those of the configuration now, and those it had a while ago, but for those an operator has paused. */
function createWantedRoutes({ config, now }: Pick<WorkerResources, 'config' | 'now'>) {
  const seen = new Map<string, { readonly route: JobRoute; lastSeenAt: number }>();
  let lookedAt = 0;
  return {
    look(providers: ReadonlySet<string>): ReadonlyMap<string, readonly JobRoute[]> {
      lookedAt = now();
      for (const provider of providers) {
        for (const route of routesOf(provider, config.deployments)) seen.set(jobConsumer(route), { route, lastSeenAt: lookedAt });
      }
      const byProvider = new Map<string, JobRoute[]>();
      for (const [name, { route, lastSeenAt }] of seen) {
        const routes = byProvider.get(route.provider) ?? [];
        byProvider.set(route.provider, routes);
        if (lookedAt - lastSeenAt >= KEEP_QUEUE_MS) seen.delete(name);
        else if (holdOn(config, route) !== 'pause') routes.push(route);
      }
      return byProvider;
    },
    /** Undefined while all of them are those of the configuration. */
    nextChangeInMs(): number | undefined {
      const leaving = [...seen.values()].map(({ lastSeenAt }) => lastSeenAt).filter((at) => at < lookedAt);
      return leaving.length === 0 ? undefined : Math.max(1, Math.min(...leaving) + KEEP_QUEUE_MS - now());
    },
  };
}

/** Those of the configuration, or those of them that this worker is for. */
function providersOf({ config }: Pick<WorkerResources, 'config'>, only: readonly string[]): ReadonlySet<string> {
  const all = new Set(config.deployments.map(({ provider }) => provider));
  return only.length === 0 ? all : new Set(only.filter((provider) => all.has(provider)));
}
