import { JetStreamApiError, StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { LIMITS_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';

/** What workers know together of limited deployments: one entry each, changed by compare and set only. */
export interface LimitsBucket {
  /** Revision 0 for an entry that is not there. May be stale: decide nothing by it without `write`. Rejects while NATS is away. */
  read(key: string): Promise<LimitsEntry>;
  /** The new revision; undefined when somebody else has changed the entry since `revision`. Rejects while NATS is away. */
  write(key: string, text: string, revision: number): Promise<number | undefined>;
  /** Milliseconds that the server's clock is ahead of this process's, within half a round trip; undefined when that could not be told. */
  clockOffsetMs(): Promise<number | undefined>;
}

export interface LimitsEntry {
  readonly text: string | undefined;
  readonly revision: number;
}

const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
const CLOCK_KEY = 'clock';
const CLOCK_TRIES = 5;

/** Opens the bucket, creating it when this is the first process to ask. On disk: a restart must not forget what was used. */
export async function openLimitsBucket(bus: Bus): Promise<LimitsBucket> {
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  const kv = await new Kvm(bus.js).create(LIMITS_BUCKET, { history: 1, storage: StorageType.File, replicas });
  return {
    async read(key) {
      const entry = await kv.get(key);
      if (entry === null) return { text: undefined, revision: 0 };
      return { text: entry.operation === 'PUT' ? entry.string() : undefined, revision: entry.revision };
    },
    async write(key, text, revision) {
      try {
        return revision === 0 ? await kv.create(key, text) : await kv.update(key, text, revision);
      } catch (error) {
        if (error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code)) return undefined;
        throw error;
      }
    },
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
