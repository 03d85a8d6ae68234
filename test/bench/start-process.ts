import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Starts a script of this repository as a process of its own and waits for its `{type: 'ready', port}`. */
export async function startProcess(path: string, args: readonly string[]): Promise<StartedProcess> {
  const child = forkScript(path, args);
  for (;;) {
    const message = await nextMessage(child, path);
    if (isReady(message)) return { child, port: message.port };
  }
}

/** Its logs are thrown away, its errors shown. */
export function forkScript(path: string, args: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(`../../${path}`, import.meta.url)), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** What the process says next; rejects when it ends instead. */
export async function nextMessage(child: ChildProcess, name: string): Promise<unknown> {
  const over = new AbortController();
  const exited = once(child, 'exit', { signal: over.signal }).then(([code, signal]) => {
    throw new Error(`${name} ended: ${String(code ?? signal)}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: over.signal }), exited]);
    return message;
  } finally {
    over.abort();
  }
}

function isReady(message: unknown): message is { readonly port: number } {
  return typeof message === 'object' && message !== null && 'port' in message && typeof message.port === 'number';
}
