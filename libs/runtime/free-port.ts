import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below every system's range for outgoing connections (Linux from 32768, macOS from 49152). A client that keeps dialling a
 * closed port of that range on loopback sooner or later gets it as its own source port and connects to itself, and the
 * server that is restarted on the port can't have it back.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;
const ATTEMPTS = 200;

/** A TCP port nobody listens on at this moment, on the loopback address. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no free port');
  return port;
}

/** `count` different free ports: all are held open until the last is known, so that none is given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  for (let attempt = 0; held.size < count && attempt < ATTEMPTS + count; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    const server = held.has(port) ? undefined : await listen(port, '127.0.0.1');
    if (server !== undefined) held.set(port, server);
  }
  await Promise.all([...held.values()].map(close));
  if (held.size < count) throw new Error(`no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`);
  return [...held.keys()];
}

/** Whether nobody listens on the port of that address at this moment. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = await listen(port, host);
  if (server !== undefined) await close(server);
  return server !== undefined;
}

async function listen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
