import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMediaFetcher, type MediaFetcher, type MediaLimits } from './fetch-media.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2]);
const ROOMY: MediaLimits = { maxBytes: 1024 * 1024, timeoutMs: 5_000, allowedHosts: ['pictures.test'] };

let server: Server;
let answer: RequestListener;
let seen: string[];
let resolved: string[];
let addresses: Record<string, readonly string[]>;

beforeEach(async () => {
  seen = [];
  resolved = [];
  addresses = { 'pictures.test': ['127.0.0.1'], 'inner.test': ['127.0.0.1'] };
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
  server = createServer((request, response) => {
    seen.push(`${request.headers.host?.split(':')[0]}${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const at = (host: string, path = '/a.png'): string => `http://${host}:${(server.address() as AddressInfo).port}${path}`;

function fetcher(limits: Partial<MediaLimits> = {}): MediaFetcher {
  return createMediaFetcher({ ...ROOMY, ...limits }, (host) => {
    resolved.push(host);
    const known = addresses[host];
    return known === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(known);
  });
}

const get = (url: string, limits: Partial<MediaLimits> = {}) => fetcher(limits)([{ url, param: 'messages[0]' }]);
const refusal = (text: RegExp) =>
  expect.objectContaining({ code: 'invalid_request', param: 'messages[0]', retry: 'never', message: expect.stringMatching(text) });

describe('a file by address', () => {
  test('comes with its type, over the address that was checked and no other', async () => {
    const files = await get(at('pictures.test'));
    expect([...files]).toEqual([[at('pictures.test'), { mediaType: 'image/png', data: PNG.toString('base64') }]]);
    expect(resolved).toEqual(['pictures.test']);
    expect(seen).toEqual(['pictures.test/a.png']);
  });

  test('of several is fetched beside the others', async () => {
    const files = [at('pictures.test', '/1'), at('pictures.test', '/2')].map((url) => ({ url, param: 'x' }));
    expect((await fetcher()(files)).size).toBe(2);
  });

  test.each([
    ['is no URL', 'pictures.test/a.png', /not a valid URL/],
    ['has another scheme', 'file:///etc/passwd', /http or https/],
    ['holds credentials', 'http://user:pw@pictures.test/a.png', /credentials/],
    ['has a name nobody knows', 'http://nobody.test/a.png', /host name is not known/],
    ['is loopback', 'http://127.0.0.1/a.png', /not on the public internet/],
    ['is loopback in other words', 'http://0x7f.1/a.png', /not on the public internet/],
    ['is loopback as IPv6', 'http://[::1]/a.png', /not on the public internet/],
    ['is loopback as IPv4 in IPv6', 'http://[::ffff:127.0.0.1]/a.png', /not on the public internet/],
    ['is the metadata service', 'http://169.254.169.254/latest/meta-data/', /not on the public internet/],
    ['has a name for a private address', 'http://inner.test/a.png', /not on the public internet/],
  ])('that %s is refused without a connection', async (_what, url, why) => {
    await expect(get(url)).rejects.toEqual(refusal(why));
    expect(seen).toEqual([]);
  });

  test('whose name has one private address among public ones is refused', async () => {
    addresses['mixed.test'] = ['8.8.8.8', '10.0.0.1'];
    await expect(get('http://mixed.test/a.png')).rejects.toEqual(refusal(/not on the public internet/));
  });
});

describe('a redirect', () => {
  const redirectTo = (location: string): RequestListener => {
    return (request, response) => {
      if (request.url === '/a.png') response.writeHead(302, { location }).end();
      else response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
    };
  };

  test('is followed to a host that is checked too', async () => {
    answer = redirectTo('/b.png');
    expect((await get(at('pictures.test'))).size).toBe(1);
    expect(resolved).toEqual(['pictures.test', 'pictures.test']);
  });

  test.each([
    ['a private host', () => at('inner.test', '/b.png')],
    ['the metadata service', () => 'http://169.254.169.254/'],
    ['a file', () => 'file:///etc/passwd'],
  ])('to %s is refused', async (_what, location) => {
    answer = redirectTo(location());
    await expect(get(at('pictures.test'))).rejects.toEqual(refusal(/not on the public internet|http or https/));
    expect(seen).toEqual(['pictures.test/a.png']);
  });

  test('is followed three times and no more', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/a.png' }).end();
    await expect(get(at('pictures.test'))).rejects.toEqual(refusal(/redirects more than 3/));
    expect(seen).toHaveLength(4);
  });
});

describe('an answer', () => {
  test.each<[string, RequestListener, RegExp]>([
    ['that is an error', (_request, response) => response.writeHead(404).end('no'), /answered 404/],
    ['that is a page', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /no picture/],
    [
      'that is a page under a picture’s name',
      (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('<html>'),
      /no picture/,
    ],
    [
      'that breaks off',
      (_request, response) => void response.writeHead(200, { 'content-length': '99' }).write(PNG, () => response.destroy()),
      /could not be reached/,
    ],
    ['that never comes', () => undefined, /took too long/],
    ['that never ends', (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).write(PNG), /took too long/],
  ])('%s is refused', async (_what, listener, why) => {
    answer = listener;
    await expect(get(at('pictures.test'), { timeoutMs: 150 })).rejects.toEqual(refusal(why));
  });

  test('larger than the limit is refused, whether it says so or not', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': '101' }).end(Buffer.alloc(101));
    await expect(get(at('pictures.test'), { maxBytes: 100 })).rejects.toEqual(refusal(/too large/));
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(60));
      response.end(Buffer.alloc(60));
    };
    await expect(get(at('pictures.test'), { maxBytes: 100 })).rejects.toEqual(refusal(/too large/));
  });

  test('counts against the limit of the whole request', async () => {
    const files = ['/1', '/2'].map((path) => ({ url: at('pictures.test', path), param: 'messages[0]' }));
    await expect(fetcher({ maxBytes: PNG.length + 5 })(files)).rejects.toEqual(refusal(/too large/));
  });

  test('of a host nobody serves is refused', async () => {
    await new Promise((resolve) => server.close(resolve));
    addresses['pictures.test'] = ['127.0.0.1'];
    await expect(get('http://pictures.test:9/a.png')).rejects.toEqual(refusal(/could not be reached/));
  });
});
