import { StorageType } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import { decodeKeyRecord, type KeyRecord, KEYS_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';

/** Virtual keys as the ingress reads them, by SHA-256. Written by admin only. */
export interface KeysBucket {
  /** `undefined` for a key that is not there, was deleted, or has an entry nobody can read. Rejects while NATS is away. */
  get(hash: string): Promise<KeyRecord | undefined>;
  put(record: KeyRecord): Promise<void>;
  delete(hash: string): Promise<void>;
  /**
   * The new state of every key that changes after this call resolved, also while the connection is away; `undefined` is a
   * deletion. A state that was replaced at once may be skipped, one may be told again after a reconnect. Returns its own end.
   */
  watch(onChange: (hash: string, record: KeyRecord | undefined) => void): Promise<() => void>;
  /** Entries in the bucket, deletion markers included: 0 is a bucket nobody has written to. */
  count(): Promise<number>;
}

const REOPEN_PAUSE_MS = 250;

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openKeysBucket(bus: Bus): Promise<KeysBucket> {
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  const kv = await new Kvm(bus.js).create(KEYS_BUCKET, { history: 1, storage: StorageType.File, replicas });
  return {
    async get(hash) {
      const entry = await kv.get(hash);
      return entry === null ? undefined : toRecord(entry);
    },
    async put(record) {
      await kv.put(record.hash, JSON.stringify(record));
    },
    delete: (hash) => kv.delete(hash),
    watch: (onChange) => watchKeys(bus, kv, onChange),
    async count() {
      return (await kv.status()).streamInfo.state.messages;
    },
  };
}

/**
 * The client's own watcher would find the loss of its server-side consumer only by missed heartbeats, 10 s after a restart
 * of the server and 60 s after the next one: too long for a key that was blocked meanwhile. So each reconnect opens a new
 * one that goes on after the last revision seen.
 */
async function watchKeys(bus: Bus, kv: KV, onChange: (hash: string, record: KeyRecord | undefined) => void): Promise<() => void> {
  let next = (await lastRevision(kv)) + 1;
  let connection = 0;
  let stopWatcher = (): void => undefined;
  let stopped = false;
  const forget = bus.onReconnect(() => {
    connection += 1;
    stopWatcher();
  });

  const followOne = async (): Promise<void> => {
    const openedOn = connection;
    // a bucket that was lost and made anew counts from 1 again
    if ((await lastRevision(kv)) + 1 < next) next = 1;
    const watcher = await kv.watch({ resumeFromRevision: next });
    stopWatcher = () => watcher.stop();
    if (stopped || connection !== openedOn) return watcher.stop();
    for await (const entry of watcher) {
      next = entry.revision + 1;
      onChange(entry.key, toRecord(entry));
    }
  };

  const follow = async (): Promise<void> => {
    while (!stopped && !bus.nc.isClosed()) {
      // whatever it failed with, the cure is the same: open it again
      await followOne().catch(() => undefined);
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS).unref());
    }
  };
  void follow();

  return () => {
    stopped = true;
    forget();
    stopWatcher();
  };
}

async function lastRevision(kv: KV): Promise<number> {
  return (await kv.status()).streamInfo.state.last_seq;
}

function toRecord(entry: KvEntry): KeyRecord | undefined {
  if (entry.operation !== 'PUT') return undefined;
  try {
    return decodeKeyRecord(entry.string());
  } catch {
    return undefined;
  }
}
