import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CredentialsEnvironment } from './token-request.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

export interface TestAuthority {
  readonly url: string;
  readonly host: string;
  readonly asked: readonly Asked[];
  /** The next answers; the last one is repeated. */
  answers: { status: number; body: unknown }[];
  /** An environment in which every address leads here. */
  environment(env?: Record<string, string | undefined>, files?: Record<string, string>): CredentialsEnvironment;
  close(): Promise<void>;
}

/** A fake authority on this machine that keeps what it was asked. */
export async function startTestAuthority(): Promise<TestAuthority> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, form });
      const answer = (authority.answers.length > 1 ? authority.answers.shift() : authority.answers[0]) ?? { status: 200, body: {} };
      response.writeHead(answer.status, { 'content-type': 'application/json', location: '/elsewhere' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const authority: TestAuthority = {
    url: `http://${host}`,
    host,
    asked,
    answers: [{ status: 200, body: { access_token: 'token', expires_in: 3600 } }],
    environment: (env = {}, files = {}) => ({
      env: { HOME: '/nowhere', ...env },
      now: () => 1_700_000_000_000,
      readFile: (path) => {
        const text = files[path];
        if (text === undefined) throw new Error('no such file');
        return text;
      },
      // the addresses of the real authorities keep their path and query
      fetch: (address, init) => {
        const url = new URL(address);
        return fetch(`http://${host}${url.pathname}${url.search}`, {
          ...init,
          headers: new Headers([...new Headers(init.headers), ['x-origin', url.origin]]),
        });
      },
    }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return authority;
}
