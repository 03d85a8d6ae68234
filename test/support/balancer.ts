import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { freePort } from '#runtime';

/** A balancer on layer four: each connection goes to the next backend in turn, and on to another one when that takes none. */
export interface Balancer {
  readonly url: string;
  close(): void;
}

/** `backends` are base addresses, asked for at each connection. */
export async function startBalancer(backends: () => readonly string[]): Promise<Balancer> {
  let turn = 0;
  const server = createServer((client) => {
    const urls = backends();
    turn += 1;
    client.on('error', () => undefined);
    join(
      client,
      urls.map((_, index) => urls[(turn + index) % urls.length] ?? ''),
    );
  });
  const port = await freePort();
  await listen(server, port);
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

function join(client: Socket, [url, ...others]: readonly string[]): void {
  if (url === undefined) return void client.destroy();
  const backend = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  let isOpen = false;
  backend.on('connect', () => {
    isOpen = true;
    client.pipe(backend).pipe(client);
  });
  backend.on('error', () => (isOpen ? client.destroy() : join(client, others)));
  client.on('close', () => backend.destroy());
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
