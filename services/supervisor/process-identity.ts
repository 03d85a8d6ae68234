import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Command line of a running process, arguments joined by spaces; `undefined` when there is no such process (or it is a zombie). */
export function commandLineOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
  } catch {
    return undefined;
  }
}
