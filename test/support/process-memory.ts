import { readFile } from 'node:fs/promises';
import type { RunningHeadrace, ServiceName } from '#testing';

/** Bytes a service's processes hold in memory, as Linux counts them (VmRSS). */
export async function residentBytes(headrace: RunningHeadrace, service: ServiceName): Promise<number> {
  let bytes = 0;
  for (const pid of await headrace.pids(service)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    bytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return bytes;
}
