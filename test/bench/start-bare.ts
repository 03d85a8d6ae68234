import type { Provider } from './provider.ts';
import { usageOfTree } from './process-usage.ts';
import { startProcess, stopProcess } from './start-process.ts';
import type { Target } from './target.ts';

export async function startBare(provider: Provider): Promise<Target> {
  const { child, port } = await startProcess('test/bench/bare-proxy.ts', [provider.origin]);
  return {
    name: 'bare',
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    usage: () => usageOfTree(child.pid ?? 0),
    stop: () => stopProcess(child),
  };
}
