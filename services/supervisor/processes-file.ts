import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ProcessesFile {
  spawned(name: string, pid: number): void;
  ready(name: string, port: number | undefined): void;
  remove(): void;
}

/** Keeps `<data>/processes.json`, `{name: {pid, port?}}`, for operators and tests: which process is which, as of now. */
export function createProcessesFile(dataDir: string): ProcessesFile {
  const file = join(dataDir, 'processes.json');
  const processes: Record<string, { pid: number; port?: number }> = {};
  const write = () => {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(processes, undefined, 2)}\n`);
    renameSync(draft, file);
  };
  return {
    spawned: (name, pid) => {
      processes[name] = { pid };
      write();
    },
    ready: (name, port) => {
      const entry = processes[name];
      if (entry === undefined || port === undefined) return;
      processes[name] = { ...entry, port };
      write();
    },
    remove: () => rmSync(file, { force: true }),
  };
}
