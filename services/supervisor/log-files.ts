import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  /** Appends one line. Never throws: a full disk must not stop the services. */
  write(line: string): void;
  close(): void;
}

const LARGEST_BYTES = 20_000_000;

/** An append-only log that is renamed to `<path>.1` (the one before is dropped) when it grows over 20 MB. */
export function openLogFile(path: string, largestBytes = LARGEST_BYTES): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let descriptor = openSync(path, 'a', 0o600);
  let sizeBytes = fstatSync(descriptor).size;
  const rotate = () => {
    closeSync(descriptor);
    renameSync(path, `${path}.1`);
    descriptor = openSync(path, 'a', 0o600);
    sizeBytes = 0;
  };
  return {
    // Synchronous: a service logs a few lines a minute at `info`, and the lines before a crash must not sit in a buffer.
    write: (line) => {
      try {
        if (sizeBytes >= largestBytes) rotate();
        sizeBytes += writeSync(descriptor, `${line}\n`);
      } catch {
        // Nothing to tell it to: this is the log.
      }
    },
    close: () => closeSync(descriptor),
  };
}
