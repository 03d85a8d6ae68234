import { startProvider } from './provider.ts';
import { startBare } from './start-bare.ts';
import { startHeadrace } from './start-headrace.ts';
import type { Target, TargetName } from './target.ts';

/** One target with its provider; stops both. */
export async function startTarget(name: TargetName): Promise<Target> {
  const provider = await startProvider();
  if (name === 'direct') return provider.direct;
  const target = name === 'bare' ? await startBare(provider) : await startHeadrace(provider);
  return {
    ...target,
    stop: async () => {
      await target.stop();
      await provider.direct.stop();
    },
  };
}
