import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchPublicText } from './fetch-public-text.ts';

let server: Server;
let answer: RequestListener;
let calls = 0;

beforeEach(async () => {
  calls = 0;
  server = createServer((request, response) => {
    calls += 1;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const address = (): string => `http://prices.test:${(server.address() as AddressInfo).port}/p.json`;
const rules = { allowedHosts: ['prices.test'], resolve: () => Promise.resolve(['127.0.0.1']) };
const limits = { maxBytes: 100, timeoutMs: 1_000 };
/** The one host is allowed though private, and http, as no public https server can be had in a test. */
const get = (url = address()) => fetchPublicText(url, { ...limits, rules, protocols: ['http:'] });

describe('a text', () => {
  test('is fetched, behind a redirect too', async () => {
    answer = (request, response) => {
      if (request.url === '/p.json') response.writeHead(302, { location: '/q.json' }).end();
      else response.end('{"a":1}');
    };
    expect(await get()).toBe('{"a":1}');
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      'that is too long by its word',
      (_request, response) => response.writeHead(200, { 'content-length': '101' }).end('x'.repeat(101)),
      /more than 100 bytes/,
    ],
    [
      'that is too long',
      (_request, response) => void response.write('x'.repeat(60), () => response.end('x'.repeat(60))),
      /more than 100 bytes/,
    ],
    ['that is an error', (_request, response) => response.writeHead(503).end('{}'), /answered 503/],
    ['that never comes', () => undefined, /abort|timeout/i],
    ['that goes in circles', (_request, response) => response.writeHead(302, { location: '/p.json' }).end(), /redirects more/],
    [
      'behind a redirect to the metadata service',
      (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      /public internet/,
    ],
    [
      'behind a redirect to a file',
      (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      /not an https address/,
    ],
  ])('%s is refused', async (_what, listener, why) => {
    answer = listener;
    await expect(get()).rejects.toThrow(why);
  });
});

test.each([
  ['without https', 'http://prices.example/p.json', /not an https address/],
  ['of this machine', 'https://127.0.0.1/p.json', /public internet/],
  ['of this machine in other words', 'https://[::ffff:127.0.0.1]/p.json', /public internet/],
  ['that is none', 'prices', /not an https address/],
])('an address %s is refused without a connection', async (_what, url, why) => {
  await expect(fetchPublicText(url, limits)).rejects.toThrow(why);
  expect(calls).toBe(0);
});
