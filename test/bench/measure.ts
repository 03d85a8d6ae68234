import type { LoadProcess } from './load-process.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { LoadResult } from './run-load.ts';
import type { Target } from './target.ts';

export interface Scenario {
  /** `64` or `stream 64`: how it is called in the table. */
  readonly name: string;
  readonly connections: number;
  readonly body: object;
}

export interface Measurement {
  readonly load: LoadResult;
  readonly usage: readonly ProcessMeasurement[];
}

export interface ProcessMeasurement {
  readonly name: string;
  readonly rssMb: number;
  /** User and system time per 1,000 requests. */
  readonly cpuMsPer1000: number;
}

const MESSAGES = [{ role: 'user', content: 'How does water get from the weir to the wheel?' }];

export function jsonScenario(connections: number): Scenario {
  return { name: String(connections), connections, body: { model: 'instant', messages: MESSAGES } };
}

/** Twenty tokens, all at once: what counts is when the first one arrives. */
export function streamScenario(connections: number): Scenario {
  const body = { model: 'echo', stream: true, messages: MESSAGES, sandbox: { tokens: 20 } };
  return { name: `stream ${connections}`, connections, body };
}

export async function measure(target: Target, scenario: Scenario, options: { load: LoadProcess; seconds: number }): Promise<Measurement> {
  const { url, headers } = target;
  const before = await target.usage();
  const load = await options.load.run({ url, headers, body: scenario.body, connections: scenario.connections, seconds: options.seconds });
  return { load, usage: perThousand(before, await target.usage(), load.requests) };
}

function perThousand(before: readonly ProcessUsage[], after: readonly ProcessUsage[], requests: number): ProcessMeasurement[] {
  const cpuBefore = new Map(before.map(({ name, cpuMs }) => [name, cpuMs]));
  return after.map(({ name, rssMb, cpuMs }) => ({
    name,
    rssMb,
    // A Postgres backend that ended took its time with it: never below nothing.
    cpuMsPer1000: (Math.max(cpuMs - (cpuBefore.get(name) ?? 0), 0) / Math.max(requests, 1)) * 1_000,
  }));
}
