import { createHash } from 'node:crypto';
import { startProcess, stopProcess } from './start-process.ts';
import { usageOfTree } from './process-usage.ts';
import type { Target } from './target.ts';

/** The mock provider behind all targets: the sandbox, as a process of its own. */
export interface Provider {
  readonly origin: string;
  readonly direct: Target;
  /** What it would bill to this key. */
  meterOf(apiKey: string): Promise<ProviderMeter>;
}

export interface ProviderMeter {
  readonly requests: number;
  readonly completed: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const NOTHING: ProviderMeter = { requests: 0, completed: 0, promptTokens: 0, completionTokens: 0 };

export async function startProvider(): Promise<Provider> {
  const { child, port } = await startProcess('services/sandbox/main.ts', ['--port', '0', '--host', '127.0.0.1']);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    meterOf: async (apiKey) => {
      const meter = (await (await fetch(`${origin}/meter`)).json()) as { keys: Record<string, ProviderMeter> };
      return meter.keys[createHash('sha256').update(apiKey).digest('hex').slice(0, 16)] ?? NOTHING;
    },
    direct: {
      name: 'direct',
      url: `${origin}/v1/chat/completions`,
      headers: {},
      usage: () => usageOfTree(child.pid ?? 0),
      stop: () => stopProcess(child),
    },
  };
}
