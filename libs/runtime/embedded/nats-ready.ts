import { connect } from 'node:net';

const DIAL_TIMEOUT_MS = 500;

/** Whether a nats-server with JetStream answers on that loopback port: it greets every connection with what it can do. */
export function isNatsReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    let greeting = '';
    socket.setTimeout(DIAL_TIMEOUT_MS, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      greeting += chunk.toString();
      if (greeting.includes('\n')) finish(greeting.startsWith('INFO ') && greeting.includes('"jetstream":true'));
    });
  });
}
