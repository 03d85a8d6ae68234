import { mkdirSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeFileError, UpError } from './up-error.ts';

/** Makes the data folder and checks that it can be written. Throws `UpError` when not. */
export function prepareDataFolder(dataDir: string): void {
  try {
    // As root, Postgres's own user must be able to pass through; the secrets in it are files of mode 600.
    mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const probe = join(dataDir, `.write-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new UpError(describeFileError(error, dataDir), { cause: error });
  }
}
