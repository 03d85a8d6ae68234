import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../settings.ts';

/** Folders a package manager may use that a plain user's PATH often lacks (Debian puts nats-server into /usr/sbin). */
const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/snap/bin'];

/**
 * Path of a `nats-server` binary: `NATS_SERVER_BIN`, else PATH, else the system's usual folders; `undefined` when there is none.
 * Throws when `NATS_SERVER_BIN` names something that can't be run: a wrong setting is never skipped in silence.
 */
export function findNatsServer(env: Environment, isExecutable = isExecutableFile): string | undefined {
  const named = env['NATS_SERVER_BIN'];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(`NATS_SERVER_BIN is set to ${named}, which is not an executable file`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...SYSTEM_FOLDERS].map((folder) => join(folder, 'nats-server')).find((file) => isExecutable(file));
}

function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
