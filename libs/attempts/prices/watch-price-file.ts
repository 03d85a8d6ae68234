import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BookHolder } from './book-holder.ts';

export interface PriceWatch {
  /** Reads the source again. Never rejects. */
  check(): Promise<void>;
  stop(): void;
}

/** Network folders tell of no changes, so the file is looked at every half a minute too. */
const POLL_MS = 30_000;
/** Editors write a file in several steps. */
const SETTLE_MS = 200;

/** Reads a price file, and again whenever it changes. Its folder is watched, so that a file put in its place is noticed. */
export async function watchPriceFile(path: string, holder: BookHolder): Promise<PriceWatch> {
  let seen = '';
  let settling: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const read = async (force: boolean): Promise<void> => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const state = `${mtimeMs} ${size} ${ino}`;
      if (state === seen && !force) return;
      const text = await readFile(path, 'utf8');
      seen = state;
      await holder.offer(text);
    } catch (error) {
      if (seen !== MISSING || force) holder.failed(error instanceof Error ? error.message : String(error));
      seen = MISSING;
    }
  };
  /** One after the other: an older text must not be taken after a newer one. */
  const check = (force = false): Promise<void> => {
    running = running.then(() => read(force));
    return running;
  };

  await check();
  if (holder.book() === undefined) await holder.restore();
  const poll = setInterval(() => void check(), POLL_MS).unref();
  const watcher = watchFolder(dirname(path), () => {
    clearTimeout(settling);
    settling = setTimeout(() => void check(), SETTLE_MS).unref();
  });
  return {
    check: () => check(true),
    stop: () => {
      clearInterval(poll);
      clearTimeout(settling);
      watcher?.close();
    },
  };
}

const MISSING = 'missing';

/** Undefined where the system can't watch it: then polling has to do. */
function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
