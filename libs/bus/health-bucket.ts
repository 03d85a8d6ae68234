import { JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import { checkKey, type CheckRecord, decodeCheckRecord, decodeHealthRecord, HEALTH_BUCKET, healthKey, type HealthRecord } from '#contracts';
import type { Bus } from './connect.ts';
import { openLatestOnly } from './open-latest-only.ts';

export interface StoredHealth {
  readonly record: HealthRecord;
  readonly revision: number;
}

/** The breakers of all deployments and the results of active checks, shared by all processes. */
export interface HealthBucket {
  read(deploymentId: string): Promise<StoredHealth | undefined>;
  /** Writes over `revision` (0: there is none yet). Undefined when somebody else has written since. */
  write(record: HealthRecord, revision: number): Promise<number | undefined>;
  /**
   * Tells every breaker as it is now, before the promise resolves, then each change, also after the connection was away. A state that was
   * replaced at once may be skipped, and one may be told again. Returns its own end.
   */
  watch(onChange: (stored: StoredHealth) => void, onCheck?: (check: CheckRecord) => void): Promise<() => void>;
  saveCheck(check: CheckRecord): Promise<void>;
  /** True for the one process that has the lease of that name, which it keeps by asking again before `ttlMs` are over. */
  lease(name: string, holder: string, ttlMs: number): Promise<boolean>;
}

const REOPEN_PAUSE_MS = 250;
const WRONG_REVISION = 10071;

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openHealthBucket(bus: Bus, now: () => number = Date.now): Promise<HealthBucket> {
  const kv = await openLatestOnly(bus, HEALTH_BUCKET);
  return {
    async read(deploymentId) {
      const entry = await kv.get(healthKey(deploymentId));
      return entry === null ? undefined : toStored(entry);
    },
    write: (record, revision) => compareAndSet(kv, healthKey(record.deploymentId), JSON.stringify(record), revision),
    watch: (onChange, onCheck) => watchHealth(bus, kv, { onChange, onCheck }),
    async saveCheck(check) {
      await kv.put(checkKey(check.deploymentId), JSON.stringify(check));
    },
    async lease(name, holder, ttlMs) {
      const entry = await kv.get(`lease.${name}`);
      const [owner, until] = entry === null ? [] : entry.string().split(' ');
      if (owner !== undefined && owner !== holder && Number(until) > now()) return false;
      return (await compareAndSet(kv, `lease.${name}`, `${holder} ${now() + ttlMs}`, entry?.revision ?? 0)) !== undefined;
    },
  };
}

async function compareAndSet(kv: KV, key: string, value: string, revision: number): Promise<number | undefined> {
  try {
    return await kv.put(key, value, { previousSeq: revision });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === WRONG_REVISION) return undefined;
    throw error;
  }
}

interface Listeners {
  readonly onChange: (stored: StoredHealth) => void;
  readonly onCheck: ((check: CheckRecord) => void) | undefined;
}

/** As in `keys-bucket.ts` each reconnect opens a new watcher; this one begins with all there is, which is little. */
async function watchHealth(bus: Bus, kv: KV, listeners: Listeners): Promise<() => void> {
  let stopWatcher = (): void => undefined;
  let stopped = false;
  let connection = 0;
  const forget = bus.onReconnect(() => {
    connection += 1;
    stopWatcher();
  });
  const open = async () => {
    const openedOn = connection;
    const watcher = await kv.watch({});
    stopWatcher = () => watcher.stop();
    if (stopped || connection !== openedOn) watcher.stop();
    return watcher;
  };
  const follow = async (): Promise<void> => {
    while (!stopped && !bus.nc.isClosed()) {
      // whatever it failed with, the cure is the same: open it again
      await open()
        .then(async (watcher) => {
          for await (const entry of watcher) tell(entry, listeners);
        })
        .catch(() => undefined);
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS).unref());
    }
  };
  for await (const key of await kv.keys()) {
    const entry = await kv.get(key);
    if (entry !== null) tell(entry, listeners);
  }
  void follow();
  return () => {
    stopped = true;
    forget();
    stopWatcher();
  };
}

function tell(entry: KvEntry, { onChange, onCheck }: Listeners): void {
  if (entry.operation !== 'PUT') return;
  if (entry.key.startsWith('check.')) {
    const check = decodeCheckRecord(entry.string());
    if (check) onCheck?.(check);
    return;
  }
  const stored = toStored(entry);
  if (stored) onChange(stored);
}

function toStored(entry: KvEntry): StoredHealth | undefined {
  const record = entry.operation === 'PUT' ? decodeHealthRecord(entry.string()) : undefined;
  return record && { record, revision: entry.revision };
}
