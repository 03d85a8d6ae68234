import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLineOf } from './process-identity.ts';

export interface OrphanOptions {
  /** First line: a process id. */
  readonly pidFile: string;
  /** Text only our own process has in its command line: the id may belong to another program by now. */
  readonly marker: string;
  readonly signal: NodeJS.Signals;
}

const POLL_INTERVAL_MS = 25;
const STOP_TIMEOUT_MS = 5_000;

/** Ends a server that a killed supervisor left behind on our data. Resolves with its id, or `undefined` when there was none. */
export async function stopOrphan(options: OrphanOptions): Promise<number | undefined> {
  const pid = readPid(options.pidFile);
  const isOurs = () => pid !== undefined && (commandLineOf(pid)?.includes(options.marker) ?? false);
  if (pid === undefined || !isOurs()) return undefined;
  signal(pid, options.signal);
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (isOurs()) {
    if (performance.now() > deadline) signal(pid, 'SIGKILL');
    await delay(POLL_INTERVAL_MS);
  }
  return pid;
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone meanwhile.
  }
}
