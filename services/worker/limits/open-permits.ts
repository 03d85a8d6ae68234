import { hash } from 'node:crypto';
import { openLimitsBucket } from '#bus';
import type { WorkerResources } from '../resources.ts';
import { createPermits, type Permits } from './permits.ts';

/** Clocks of different machines drift apart by a few milliseconds an hour when they are looked after, and by seconds when not. */
const CLOCK_EVERY_MS = 60_000;

/**
 * Opens the shared limits. All times in them are by the server's clock, so that workers on different machines mean the same minute.
 * Returns its end with them.
 */
export async function openPermits(
  resources: Pick<WorkerResources, 'bus' | 'config' | 'log' | 'metrics' | 'now' | 'random' | 'workerId'>,
  options: { readonly highestAuto: number },
): Promise<{ readonly permits: Permits; readonly close: () => void }> {
  const bucket = await openLimitsBucket(resources.bus);
  let offsetMs = (await bucket.clockOffsetMs()) ?? 0;
  const clock = setInterval(() => {
    bucket.clockOffsetMs().then(
      (measured) => (offsetMs = measured ?? offsetMs),
      // the last one holds until the server is back
      () => undefined,
    );
  }, CLOCK_EVERY_MS);
  clock.unref();
  const { config, log, metrics, now, random } = resources;
  const permits = createPermits({
    queueing: config.queueing,
    worker: resources.workerId,
    bucket,
    offsetMs: () => offsetMs,
    highestAuto: options.highestAuto,
    metrics,
    // ids may hold anything, keys of a bucket may not
    keyOf: (deploymentId) => `deployment.${hash('sha256', deploymentId).slice(0, 32)}`,
    now,
    random,
    onError: (error) => log.warn({ err: error }, 'a change of the limits could not be stored'),
  });
  const close = (): void => {
    clearInterval(clock);
    permits.stop();
  };
  return { permits, close };
}
