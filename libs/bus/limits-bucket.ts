import { LIMITS_BUCKET } from '#contracts';
import { type CasBucket, openCasBucket } from './cas-bucket.ts';
import type { Bus } from './connect.ts';

/** What workers know together of limited deployments: one entry each, changed by compare and set only. */
export interface LimitsBucket extends Pick<CasBucket, 'read' | 'write'> {
  /** Milliseconds that the server's clock is ahead of this process's, within half a round trip; undefined when that could not be told. */
  clockOffsetMs(): Promise<number | undefined>;
}

const CLOCK_KEY = 'clock';
const CLOCK_TRIES = 5;

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openLimitsBucket(bus: Bus): Promise<LimitsBucket> {
  const { kv, read, write } = await openCasBucket(bus, LIMITS_BUCKET);
  return {
    read,
    write,
    async clockOffsetMs() {
      for (let tries = 0; tries < CLOCK_TRIES; tries++) {
        const sentAt = Date.now();
        const revision = await kv.put(CLOCK_KEY, '');
        const answeredAt = Date.now();
        // gone when another worker has measured at the same moment
        const entry = await kv.get(CLOCK_KEY, { revision });
        if (entry !== null) return entry.created.getTime() - (sentAt + answeredAt) / 2;
      }
      return undefined;
    },
  };
}
