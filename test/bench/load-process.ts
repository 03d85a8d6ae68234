import type { LoadOptions, LoadResult } from './run-load.ts';
import { forkScript, nextMessage } from './start-process.ts';

export interface LoadProcess {
  run(options: LoadOptions): Promise<LoadResult>;
  stop(): void;
}

/** The generator's process (`load.ts`); one run at a time. */
export function startLoadProcess(): LoadProcess {
  const child = forkScript('test/bench/load.ts');
  return {
    run: async (options) => {
      child.send(options);
      const message = await nextMessage(child, 'the load generator');
      if (isResult(message)) return message.result;
      throw new Error(`the load generator failed: ${JSON.stringify(message)}`);
    },
    stop: () => child.disconnect(),
  };
}

function isResult(message: unknown): message is { readonly result: LoadResult } {
  return typeof message === 'object' && message !== null && 'result' in message;
}
