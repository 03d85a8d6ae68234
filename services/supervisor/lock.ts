import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf } from './process-identity.ts';
import { UpError } from './up-error.ts';

export interface LockHolder {
  readonly pid: number;
  readonly url: string;
}

export interface DataLock {
  release(): void;
}

export interface LockOptions {
  readonly dataDir: string;
  readonly url: string;
  readonly pid: number;
  /** Whether the process with that id is a Headrace; replaced in tests. */
  readonly isHeadrace?: (pid: number) => boolean;
}

/**
 * Takes `<data>/up.lock` for this process, so that one data folder has one supervisor. A lock whose holder is gone, or whose
 * process id meanwhile belongs to another program, is taken over. Throws `UpError` naming the holder when it is alive.
 */
export function acquireLock(options: LockOptions): DataLock {
  const file = join(options.dataDir, 'up.lock');
  const content = JSON.stringify({ pid: options.pid, url: options.url } satisfies LockHolder);
  const isHeadrace = options.isHeadrace ?? isHeadraceProcess;
  const draft = `${file}.${options.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    // A link appears whole or not at all: nobody ever reads a lock that is half written.
    while (!tryLink(draft, file)) clearStaleLock(file, options.pid, isHeadrace);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      if (readLock(file)?.pid === options.pid) rmSync(file, { force: true });
    },
  };
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function clearStaleLock(file: string, pid: number, isHeadrace: (pid: number) => boolean): void {
  const holder = readLock(file);
  if (holder !== undefined && holder.pid !== pid && isHeadrace(holder.pid)) throw heldBy(holder);
  const aside = `${file}.stale.${pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // Somebody else cleared it: the next round sees who has it now.
  }
  // Between reading and renaming another start may have cleared the stale lock and taken its own: that one is put back.
  const moved = readLock(aside);
  if (moved !== undefined && moved.pid !== holder?.pid) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function readLock(file: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return undefined;
    return { pid: value.pid, url: 'url' in value && typeof value.url === 'string' ? value.url : 'an unknown address' };
  } catch {
    return undefined;
  }
}

function heldBy(holder: LockHolder): UpError {
  return new UpError(`Headrace already runs on this data folder: process ${holder.pid}, ${holder.url}`);
}

function isHeadraceProcess(pid: number): boolean {
  return /supervisor\/main\.ts|cli\/launch\.mjs|headrace/.test(commandLineOf(pid) ?? '');
}
