import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A new folder in the system's place for such, which other users may pass through: as root, Postgres runs as one of them. */
export async function createTempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'headrace-test-'));
  await chmod(path, 0o711);
  return {
    path,
    // Retries: a process that was killed a moment ago may still be writing.
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
