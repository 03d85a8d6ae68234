import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, isPortFree } from '#runtime';
import { UpError } from './up-error.ts';

/** Throws `UpError` with what to do when the gateway's own port can't be listened on. Port 0 is always fine. */
export async function assertPortUsable(port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new UpError(describeListenError(error, port, host), { cause: error });
  }
  server.close();
  await once(server, 'close');
}

/** The port of the last run when it is still free, so that addresses stay the same across restarts; else a new one. */
export async function keepPort(previous: number | undefined): Promise<number> {
  return previous !== undefined && (await isPortFree(previous)) ? previous : freePort();
}

function describeListenError(error: unknown, port: number, host: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: stop what uses it, or choose another with --port`;
  if (code === 'EACCES') return `port ${port} needs a privileged user: choose one from 1024 with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine: choose another with --host`;
  return `port ${port} on ${host} can't be used: ${error instanceof Error ? error.message : String(error)}`;
}
