import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, type ServiceName, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { expectRefusal, type Refusal } from '../support/expect-refusal.ts';
import { residentBytes } from '../support/process-memory.ts';

/** Whatever a client sends: a clear error in OpenAI's shape, never a crash, a hang or a reset. */
const SERVICES: readonly ServiceName[] = ['ingress', 'worker', 'accounting', 'admin', 'sandbox', 'nats-server'];
const REQUEST_BYTES = 20 * 1024 * 1024;

let headrace: RunningHeadrace;
let pidsBefore: readonly number[][];

const allPids = () => Promise.all(SERVICES.map((service) => headrace.pids(service)));

beforeAll(async () => {
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: sandbox/*
    litellm_params: { model: sandbox/* }
    model_info: { cost_per_token: 0.000001 }
router_settings: { num_retries: 0 }
general_settings: { max_request_size_mb: 20 }
`,
  });
  pidsBefore = await allPids();
});
afterAll(() => headrace.stop());

const MESSAGES = [{ role: 'user', content: 'Hello there' }];
const HELLO = { model: 'sandbox/echo', messages: MESSAGES };

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A request as bytes, with the master key unless it brings headers of its own. */
function send(request: RawRequest): Promise<ChatAnswer> {
  const headers = { authorization: `Bearer ${headrace.masterKey}`, ...request.headers };
  return new Promise((resolve, reject) => {
    const body = request.body ?? JSON.stringify(HELLO);
    const length = 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) };
    const call = http.request(new URL(request.path ?? '/v1/chat/completions', headrace.url), {
      method: request.method ?? 'POST',
      agent: false,
      headers: { ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')), ...length },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, clean: response.complete }));
    });
    call.end(body);
  });
}

const json = (fields: object): RawRequest => ({ body: JSON.stringify({ ...HELLO, ...fields }) });
const auth = (value: string): RawRequest => ({ headers: { authorization: value } });

describe('a client’s request', () => {
  test.each<[string, RawRequest, Refusal]>([
    ['no key', auth(''), { status: 401, code: 'missing_key', type: 'auth_error' }],
    ['an empty bearer', auth('Bearer '), { status: 401, code: 'missing_key' }],
    ['a wrong key', auth('Bearer sk-not-known'), { status: 401, code: 'unknown_key', type: 'token_not_found_in_db' }],
    ['a basic scheme', auth('Basic YTpi'), { status: 401, code: 'unknown_key' }],
    ['a key of 2 kB', auth(`Bearer sk-${'x'.repeat(2_000)}`), { status: 401, code: 'unknown_key' }],
    ['bytes beyond ASCII in the key', auth('Bearer sk-\u00ff\u00e9'), { status: 401, code: 'unknown_key' }],
    ['broken JSON', { body: '{"model":"sandbox/echo",' }, { status: 400, code: 'invalid_json' }],
    ['a JSON array', { body: '[1,2]' }, { status: 400, code: 'invalid_json', says: /object/ }],
    ['a JSON null', { body: 'null' }, { status: 400, code: 'invalid_json', says: /object/ }],
    ['a JSON string', { body: '"hello"' }, { status: 400, code: 'invalid_json', says: /object/ }],
    ['no body', { body: '' }, { status: 400, code: 'invalid_json', says: /no body/ }],
    ['binary', { body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) }, { status: 400, code: 'invalid_json' }],
    [
      'form data',
      { body: 'model=x&messages=y', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { status: 400, code: 'invalid_json' },
    ],
    ['no model', json({ model: undefined }), { status: 400, code: 'invalid_request', param: 'model' }],
    ['a model that is a number', json({ model: 7 }), { status: 400, code: 'invalid_request', param: 'model' }],
    ['an empty model', json({ model: '' }), { status: 400, code: 'invalid_request', param: 'model' }],
    [
      'an unknown model',
      json({ model: 'gpt-none' }),
      { status: 404, code: 'model_not_found', param: 'model', says: /gpt-none.*\/v1\/models/ },
    ],
    ['a model named like a member of every object', json({ model: '__proto__' }), { status: 404, code: 'model_not_found' }],
    ['a model name of 1 MB', json({ model: 'x'.repeat(1_000_000) }), { status: 400, code: 'invalid_request', param: 'model' }],
    [
      'a wildcard model name of 300 kB',
      json({ model: `sandbox/${'x'.repeat(300_000)}` }),
      { status: 400, code: 'invalid_request', param: 'model' },
    ],
    ['no messages', json({ messages: undefined }), { status: 400, code: 'invalid_request', param: 'messages' }],
    ['messages as a string', json({ messages: 'hi' }), { status: 400, code: 'invalid_request', param: 'messages' }],
    ['empty messages', json({ messages: [] }), { status: 400, code: 'invalid_request', param: 'messages' }],
    ['a message that is null', json({ messages: [null] }), { status: 400, code: 'invalid_request', param: 'messages[0]' }],
    [
      'a message without a role',
      json({ messages: [{ content: 'x' }] }),
      { status: 400, code: 'invalid_request', param: 'messages[0].role' },
    ],
    [
      'content of a wrong type',
      json({ messages: [{ role: 'user', content: 5 }] }),
      { status: 400, code: 'invalid_request', param: 'messages[0].content' },
    ],
    ['temperature as a word', json({ temperature: 'hot' }), { status: 400, code: 'invalid_request', param: 'temperature' }],
    ['stream as a word', json({ stream: 'yes' }), { status: 400, code: 'invalid_request', param: 'stream' }],
    ['a huge n', json({ n: 1e9 }), { status: 400, code: 'invalid_request', param: 'n' }],
    ['n of 0', json({ n: 0 }), { status: 400, code: 'invalid_request', param: 'n' }],
    ['negative max_tokens', json({ max_tokens: -5 }), { status: 400, code: 'invalid_request', param: 'max_tokens' }],
    ['max_tokens with a fraction', json({ max_tokens: 1.5 }), { status: 400, code: 'invalid_request', param: 'max_tokens' }],
    ['tools that are no list', json({ tools: {} }), { status: 400, code: 'invalid_request', param: 'tools' }],
    [
      'a response_format that is a word',
      json({ response_format: 'json' }),
      { status: 400, code: 'invalid_request', param: 'response_format' },
    ],
    [
      'a timeout header that is no number',
      { headers: { 'x-litellm-timeout': 'soon' } },
      { status: 400, code: 'invalid_request', param: 'x-litellm-timeout' },
    ],
    [
      'a negative timeout header',
      { headers: { 'x-litellm-timeout': '-1' } },
      { status: 400, code: 'invalid_request', param: 'x-litellm-timeout' },
    ],
    [
      'a deadline that is no number',
      { headers: { 'x-headrace-deadline-ms': 'NaN' } },
      { status: 400, code: 'invalid_request', param: 'x-headrace-deadline-ms' },
    ],
    ['a key of 20 kB', auth(`Bearer sk-${'x'.repeat(20_000)}`), { status: 431, code: 'invalid_request', says: /headers/ }],
    ['an unknown route', { path: '/v1/nothing-here' }, { status: 404, code: 'route_not_found' }],
    ['a broken escape in the path', { method: 'GET', path: '/v1/models/%E0%A4%A' }, { status: 400, code: 'invalid_request' }],
    ['a wrong method', { method: 'DELETE' }, { status: 405, code: 'method_not_allowed' }],
    ['GET with the right path', { method: 'GET', body: '' }, { status: 405, code: 'method_not_allowed' }],
  ])('%s', async (_name, request, refusal) => expectRefusal(await send(request), refusal));

  test.each(['/key/info?key=%ff', '/spend/logs?request_id=%00'])('a management address with a broken escape: %s', async (path) => {
    expectRefusal(await send({ method: 'GET', path, body: '' }), { status: 400, code: 'invalid_request' });
  });

  test('dots that leave a management path are refused', async () => {
    const key = headrace.masterKey;
    const text = await rawExchange(
      `GET /key/../v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a client that asks to close after a management request is not kept waiting', async () => {
    const key = headrace.masterKey;
    const startedAt = performance.now();
    const text = await rawExchange(`GET /key/list HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('a client that leaves in the middle of its body is no error of ours', async () => {
    await new Promise<void>((resolve) => {
      const socket = net.connect(Number(new URL(headrace.url).port), '127.0.0.1', () => {
        const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${headrace.masterKey}\r\ncontent-length: 100\r\n\r\n`;
        socket.end(`${head}{"model":`);
      });
      socket.resume().on('close', () => resolve());
    });
    expect((await send({})).status).toBe(200);
    expect(headrace.output()).not.toMatch(/ error /);
  });

  test('a method nobody knows is refused and the connection ends', async () => {
    const text = await rawExchange(`BREW /v1/chat/completions HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('bytes that are no HTTP are answered with 400 and the connection ends', async () => {
    const text = await rawExchange('\x16\x03\x01\x02\x00 hello\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  test.each([REQUEST_BYTES + 1, 30_000_000])('a body of %i bytes: 413, seen by a client that sends it all', async (bytes) => {
    const answer = await send({ body: Buffer.alloc(bytes, 32) });
    expectRefusal(answer, { status: 413, code: 'body_too_large', says: /20 ?MB|max_request_size_mb/ });
  });

  test('a body of 30 MB without a length: 413', async () => {
    const answer = await send({ body: Buffer.alloc(30_000_000, 32), headers: { 'transfer-encoding': 'chunked' } });
    expectRefusal(answer, { status: 413, code: 'body_too_large' });
  });

  test('a large body without a key is refused for its key, without being held', async () => {
    const before = await residentBytes(headrace, 'ingress');
    const body = Buffer.alloc(15 * 1024 * 1024, 'a');
    const answers = await Promise.all(Array.from({ length: 8 }, () => send({ headers: { authorization: '' }, body })));
    for (const answer of answers) expectRefusal(answer, { status: 401, code: 'missing_key' });
    // of 120 MB that came; the young generation alone may take 64 MB
    expect((await residentBytes(headrace, 'ingress')) - before).toBeLessThan(90 * 1024 * 1024);
  });

  test('30 MB by fetch: the answer, not a reset', async () => {
    const headers = { authorization: `Bearer ${headrace.masterKey}` };
    const answer = await fetch(new URL('/v1/chat/completions', headrace.url), {
      method: 'POST',
      headers,
      body: Buffer.alloc(30_000_000, 32),
    });
    expect([answer.status, await answer.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
  });

  test('a body of exactly 20 MB is read', async () => {
    const head = JSON.stringify(HELLO);
    expect((await send({ body: head + ' '.repeat(REQUEST_BYTES - head.length) })).status).toBe(200);
  });

  test('JSON nested 100,000 deep is passed on or refused, in time', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = await send({
      body: `{"model":"sandbox/echo","messages":[{"role":"user","content":"hi"}],"metadata":{"deep":${deep}},"more":${deep}}`,
    });
    expect([200, 400]).toContain(answer.status);
  });

  test.each([
    ['NUL', 'a\u0000b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a surrogate pair cut at the limit', `${'x'.repeat(255)}😀`],
    ['a line break', 'a\r\nb'],
    ['10 kB', 'y'.repeat(10_000)],
  ])('%s in the names of a request: served and booked', async (_name, text) => {
    const body = JSON.stringify({ ...HELLO, user: text, metadata: { tags: [text], session_id: text, agent: text } });
    const answer = await send({ body });
    expect(answer.status).toBe(200);
    const jobId = String(answer.headers['x-headrace-job-id']);
    const rows = await waitFor(async () => nonEmpty(await ledgerRows(headrace, jobId)), { what: 'the ledger row' });
    expect(rows).toHaveLength(1);
  });

  test('NUL and lone surrogates in a model name', async () => {
    for (const model of ['sandbox/a\u0000b', 'sandbox/a\ud800b', 'sandbox/\r\nx-evil: 1', 'sandbox/é😀']) {
      const answer = await send(json({ model }));
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers).not.toHaveProperty('x-evil');
    }
  });

  test('NUL in key fields is refused', async () => {
    const answer = await send({
      path: '/key/generate',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key_alias: 'a\u0000b' }),
    });
    expectRefusal(answer, { status: 400, code: 'invalid_request' });
  });
});

function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Sends bytes and reads until the other side ends the connection. */
function rawExchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(Number(new URL(headrace.url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}

test('after all of that every process is the one it was, and a request works', async () => {
  const key = await createKey(headrace);
  expect((await chat({ url: headrace.url, key }, HELLO)).status).toBe(200);
  expect(await allPids()).toEqual(pidsBefore);
});
