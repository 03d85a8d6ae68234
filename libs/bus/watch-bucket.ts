import type { KV, KvEntry } from '@nats-io/kv';
import type { Bus } from './connect.ts';

const REOPEN_PAUSE_MS = 250;

export interface WatchOptions {
  /** Tells what is there too: all of it before the promise resolves. */
  readonly everything?: boolean | undefined;
}

/**
 * Every entry that changes after this call resolved, also while the connection is away; a state that was replaced at once may be skipped,
 * one may be told again after a reconnect. Returns its own end.
 *
 * The client's own watcher would find the loss of its server-side consumer only by missed heartbeats, 10 s after a restart
 * of the server and 60 s after the next one: too long for a key that was blocked meanwhile. So each reconnect opens a new
 * one that goes on after the last revision seen.
 */
export async function watchBucket(
  bus: Bus,
  kv: KV,
  onChange: (entry: KvEntry) => void,
  { everything = false }: WatchOptions = {},
): Promise<() => void> {
  const last = await lastRevision(kv);
  let next = everything ? 1 : last + 1;
  const loaded = Promise.withResolvers<void>();
  if (next > last) loaded.resolve();
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
      onChange(entry);
      if (next > last) loaded.resolve();
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
  await loaded.promise;

  return () => {
    stopped = true;
    forget();
    stopWatcher();
  };
}

async function lastRevision(kv: KV): Promise<number> {
  return (await kv.status()).streamInfo.state.last_seq;
}
