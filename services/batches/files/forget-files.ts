import { setTimeout as pause } from 'node:timers/promises';
import { driverError, filesToForget } from '#db';
import type { BatchesResources } from '../resources.ts';
import { removeFile } from './write-file.ts';

const EVERY_MS = 60_000;
const AT_ONCE = 100;
/** An upload, or the writing of a batch's output, takes less. */
const UNFINISHED_MS = 86_400_000;

/** Deletes files that have expired and those that were never finished. Returns its end. Replicas do the same: it is done once or twice. */
export function keepForgettingFiles(resources: Pick<BatchesResources, 'db' | 'store' | 'log' | 'now'>): () => Promise<void> {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await forgetFiles(resources).catch((error: unknown) =>
        resources.log.warn({ err: driverError(error) }, 'old files could not be deleted'),
      );
      await pause(EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  };
  const finished = loop();
  return async () => {
    stopping.abort();
    await finished;
  };
}

export async function forgetFiles({ db, store, now }: Pick<BatchesResources, 'db' | 'store' | 'now'>): Promise<void> {
  for (;;) {
    const files = await filesToForget(db, { begunBefore: new Date(now() - UNFINISHED_MS), limit: AT_ONCE });
    for (const { id } of files) await removeFile(id, { db, store });
    if (files.length < AT_ONCE) return;
  }
}
