import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** One process of a product, or all of them that share a name and memory (Postgres has one per connection). */
export interface ProcessUsage {
  readonly name: string;
  readonly pids: readonly number[];
  /** Shared memory is counted once: proportional size where a name has several processes. */
  readonly rssMb: number;
  /** User and system time since the start of each process. */
  readonly cpuMs: number;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly cpuMs: number;
}

/** A process and all below it, by name. Linux only: reads /proc. */
export async function usageOfTree(root: number): Promise<ProcessUsage[]> {
  const rows = await readProcesses();
  const found = new Set([root]);
  // Parents come to be before their children, but numbers wrap around: go on until nothing is added.
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const row of rows) if (found.has(row.parent)) found.add(row.pid);
  }
  const byName = Map.groupBy(
    rows.filter((row) => found.has(row.pid)),
    (row) => row.name,
  );
  return Promise.all([...byName].map(([name, group]) => sumUp(name, group)));
}

async function sumUp(name: string, group: readonly ProcessRow[]): Promise<ProcessUsage> {
  const sizes = await Promise.all(group.map((row) => memoryMb(row.pid, group.length > 1)));
  return {
    name,
    pids: group.map((row) => row.pid),
    rssMb: sum(sizes),
    cpuMs: sum(group.map((row) => row.cpuMs)),
  };
}

async function readProcesses(): Promise<ProcessRow[]> {
  const entries = await readdir('/proc');
  const rows = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map((entry) => readProcess(Number(entry))));
  return rows.filter((row) => row !== undefined);
}

/** Ticks of `/proc/<pid>/stat` are 1/100 s on every Linux that Node runs on. */
const TICK_MS = 10;

async function readProcess(pid: number): Promise<ProcessRow | undefined> {
  try {
    const [stat, command] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/cmdline`, 'utf8')]);
    // The name in parentheses may hold spaces and parentheses: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), name: nameOf(command), cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } catch {
    return undefined; // It ended in between.
  }
}

export function nameOf(command: string): string {
  const service = /services\/([a-z-]+)\/main\.ts/.exec(command)?.[1];
  if (service !== undefined) return service;
  const [program = '', script = ''] = command.split('\0');
  if (program.startsWith('postgres:')) return 'postgres';
  // The launcher is the supervisor: it runs `up` in its own process.
  if (basename(script) === 'launch.mjs') return 'supervisor';
  return basename(program) === 'node' ? basename(script) : basename(program);
}

async function memoryMb(pid: number, proportional: boolean): Promise<number> {
  try {
    const [file, field] = proportional ? ['smaps_rollup', 'Pss'] : ['status', 'VmRSS'];
    const text = await readFile(`/proc/${pid}/${file}`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
