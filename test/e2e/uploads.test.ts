import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { ledgerRows } from '../support/books.ts';
import { residentBytes } from '../support/process-memory.ts';
import { storedChunks } from '../support/stored-uploads.ts';

/** Files on their way through the gateway: whole, in little memory, and gone afterwards. */
const MIB = 1024 * 1024;

interface Received {
  readonly contentType: string;
  readonly statedLength: number;
  readonly sizeBytes: number;
  readonly hash: string;
  /** The form without what stands between `FILE[` and `]FILE`. */
  readonly text: string;
}

let provider: http.Server;
let headrace: RunningHeadrace;
let received: Received[];
let statuses: number[];
/** Requests whose form is on its way. */
let reading = 0;
/** Milliseconds between two pieces that the provider reads. */
let readPauseMs: number;

beforeAll(async () => {
  provider = http.createServer((request, response) => void receive(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: whisper
    litellm_params: { model: openai/whisper-1, api_base: "http://127.0.0.1:${port}/v1", api_key: sk-provider, language: de }
  - model_name: chat-only
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_key: sk-provider }
  - model_name: mixed
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_key: sk-provider, weight: 1000 }
  - model_name: mixed
    litellm_params: { model: openai/whisper-1, api_base: "http://127.0.0.1:${port}/v1", api_key: sk-provider, weight: 1 }
router_settings: { num_retries: 2, retry_after: 0 }
general_settings: { max_file_size_mb: 101 }
`,
  });
});
afterAll(async () => {
  await headrace.stop();
  provider.closeAllConnections();
  provider.close();
});
beforeEach(() => {
  received = [];
  statuses = [];
  readPauseMs = 0;
});

/** Reads the form without holding its file. */
async function receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const hash = createHash('sha256');
  reading += 1;
  request.on('close', () => (reading -= 1));
  let sizeBytes = 0;
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    if (text.length < 4_096 || chunk.length < 4_096) text += chunk.toString('latin1', 0, 4_096);
    if (readPauseMs > 0) await new Promise((resolve) => setTimeout(resolve, readPauseMs));
  }
  const statedLength = Number(request.headers['content-length']);
  received.push({ contentType: request.headers['content-type'] ?? '', statedLength, sizeBytes, hash: hash.digest('hex'), text });
  const status = statuses.shift() ?? 200;
  const body = status === 200 ? { text: 'heard', usage: { type: 'duration', seconds: 7 } } : { error: { message: 'busy' } };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const BOUNDARY = 'xXx';
const field = (name: string, value: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileHead = (name = 'file') =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"; filename="talk.mp3"\r\ncontent-type: audio/mpeg\r\n\r\n`;
const END = `--${BOUNDARY}--\r\n`;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly json: {
    readonly text?: string;
    readonly error?: { readonly code: string; readonly param: string | null; readonly message: string };
  };
}

interface SendOptions {
  readonly path?: string;
  readonly contentType?: string;
  readonly key?: string;
}

/** Sends pieces as they are, so that a test decides every byte of the form. */
async function send(pieces: readonly (string | Uint8Array)[], options: SendOptions = {}): Promise<Answer> {
  const request = http.request(new URL(options.path ?? '/v1/audio/transcriptions', headrace.url), {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${options.key ?? headrace.masterKey}`,
      'content-type': options.contentType ?? `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': pieces.reduce((total, piece) => total + Buffer.byteLength(piece), 0),
    },
  });
  const head = new Promise<http.IncomingMessage>((resolve, reject) => request.on('response', resolve).on('error', reject));
  for (const piece of pieces) request.write(piece);
  request.end();
  const response = await head;
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, json: JSON.parse(text) as Answer['json'] };
}

const untilEmpty = () => waitFor(async () => (await storedChunks(headrace)) === 0, { what: 'the store to be empty' });

describe('a file', () => {
  test.each([
    ['before', [fileHead(), 'sound', '\r\n', field('model', 'whisper'), field('prompt', 'Zoë "x"'), END]],
    ['behind', [field('model', 'whisper'), field('prompt', 'Zoë "x"'), fileHead(), 'sound', '\r\n', END]],
  ])('reaches the provider with its fields when it stands %s the model', async (_where, pieces) => {
    const answer = await send(pieces);
    expect([answer.status, answer.json.text]).toEqual([200, 'heard']);
    const [form] = received;
    expect(form?.statedLength).toBe(form?.sizeBytes);
    expect(form?.text).toContain('name="model"\r\n\r\nwhisper-1\r\n');
    expect(form?.text).toContain('name="language"\r\n\r\nde\r\n');
    expect(form?.text).toContain(Buffer.from('name="prompt"\r\n\r\nZoë "x"\r\n').toString('latin1'));
    expect(form?.text).toContain('name="file"; filename="talk.mp3"\r\ncontent-type: audio/mpeg\r\n\r\nsound\r\n');
    expect(form?.text.match(/name="model"/g)).toHaveLength(1);
    await untilEmpty();
  });

  test('finds the one deployment of its group that hears', async () => {
    const answer = await send([field('model', 'mixed'), fileHead(), 'sound', '\r\n', END]);
    expect([answer.status, answer.headers['x-headrace-previous-error']]).toEqual([200, 'operation_not_supported']);
  });

  test('is sent again to the next attempt, and billed by the stated length', async () => {
    statuses = [503, 500];
    const answer = await send([field('model', 'whisper'), fileHead(), randomBytes(3 * MIB), '\r\n', END]);
    expect(answer.status).toBe(200);
    expect(new Set(received.map((form) => form.hash)).size).toBe(1);
    expect(received).toHaveLength(3);
    const jobId = String(answer.headers['x-headrace-job-id']);
    const rows = await waitFor(async () => ((await ledgerRows(headrace, jobId)).length === 3 ? ledgerRows(headrace, jobId) : undefined), {
      what: 'the ledger rows',
    });
    expect(rows.map((row) => row.headrace.status)).toEqual(['failure', 'failure', 'success']);
    expect(rows[2]).toMatchObject({ headrace: { route: '/v1/audio/transcriptions', tokens: { estimated: false } } });
    await untilEmpty();
  });

  test('survives a worker that dies while it is being sent', async () => {
    readPauseMs = 4;
    const sending = send([field('model', 'whisper'), fileHead(), randomBytes(30 * MIB), '\r\n', END]);
    await waitFor(async () => (await storedChunks(headrace)) >= 240, { what: 'the file to be stored', timeoutMs: 20_000 });
    await waitFor(() => reading > 0, { what: 'the provider to read' });
    await headrace.kill('worker');
    readPauseMs = 0;
    const answer = await sending;
    expect([answer.status, answer.json.text]).toEqual([200, 'heard']);
    await untilEmpty();
  });

  test('of 100 MB passes through without being held, also when its provider reads slowly', async () => {
    const small = [field('model', 'whisper'), fileHead(), randomBytes(8 * MIB), '\r\n', END];
    await send(small);
    await send(small);
    const before = await memory();
    readPauseMs = 1;
    const file = randomBytes(100 * MIB);
    let most = before;
    const watch = setInterval(() => {
      void memory().then((now) => (most = most.map((bytes, index) => Math.max(bytes, now[index] ?? 0))));
    }, 50);
    const answer = await send([field('model', 'whisper'), fileHead(), file, '\r\n', END]);
    clearInterval(watch);
    expect(answer.status).toBe(200);
    expect(received.at(-1)?.sizeBytes).toBeGreaterThan(100 * MIB);
    // chunks that wait for the collector: 55 MiB were seen for the ingress, 11 MiB for the worker
    most.forEach((bytes, index) => expect(bytes - (before[index] ?? 0), SERVICES[index]).toBeLessThan(80 * MIB));
    await untilEmpty();
  });
});

const SERVICES = ['ingress', 'worker'] as const;
const memory = () => Promise.all(SERVICES.map((service) => residentBytes(headrace, service)));

describe('a bad form is told what is wrong', () => {
  const ok = [field('model', 'whisper'), fileHead(), 'sound', '\r\n', END];
  test.each<[string, readonly (string | Uint8Array)[], SendOptions, number, string, string | null]>([
    ['without a file', [field('model', 'whisper'), END], {}, 400, 'invalid_request', 'file'],
    ['with a file that has no name', [field('model', 'whisper'), field('file', 'sound'), END], {}, 400, 'invalid_request', 'file'],
    ['with an empty file', [field('model', 'whisper'), fileHead(), '\r\n', END], {}, 400, 'invalid_request', 'file'],
    ['without a model', [fileHead(), 'sound', '\r\n', END], {}, 400, 'invalid_request', 'model'],
    ['with an empty model', [field('model', ''), fileHead(), 'sound', '\r\n', END], {}, 400, 'invalid_request', 'model'],
    ['for an unknown model', [field('model', 'nobody'), fileHead(), 'sound', '\r\n', END], {}, 404, 'model_not_found', 'model'],
    [
      'for a provider that hears nothing',
      [field('model', 'chat-only'), fileHead(), 'x', '\r\n', END],
      {},
      400,
      'operation_not_supported',
      'model',
    ],
    ['with a field that is too long', [field('prompt', 'x'.repeat(MIB + 1)), ...ok], {}, 413, 'body_too_large', 'prompt'],
    ['with too many fields', [...Array.from({ length: 201 }, () => field('a', 'b')), ...ok], {}, 400, 'invalid_request', null],
    [
      'with fields that are too long together',
      [...Array.from({ length: 3 }, () => field('a', 'x'.repeat(MIB - 9))), ...ok],
      {},
      413,
      'body_too_large',
      'a',
    ],
    ['that ends in the middle of its file', [field('model', 'whisper'), fileHead(), 'sound'], {}, 400, 'invalid_request', null],
    ['that ends in the middle of a head', [field('model', 'whisper'), `--${BOUNDARY}\r\ncontent-dis`], {}, 400, 'invalid_request', null],
    ['of nothing', [], {}, 400, 'invalid_request', null],
    ['without a boundary', ok, { contentType: 'multipart/form-data' }, 400, 'invalid_request', null],
    ['with another boundary', ok, { contentType: 'multipart/form-data; boundary=other' }, 400, 'invalid_request', null],
    ['sent as JSON', ['{"model":"whisper"}'], { contentType: 'application/json' }, 400, 'invalid_request', 'file'],
    ['without JSON or form', ['model=whisper'], { contentType: 'application/x-www-form-urlencoded' }, 400, 'invalid_json', null],
    ['with an unknown key', ok, { key: 'sk-nobody' }, 401, 'unknown_key', 'key'],
    [
      'without a picture',
      [field('model', 'whisper'), field('prompt', 'x'), END],
      { path: '/v1/images/edits' },
      400,
      'invalid_request',
      'image',
    ],
  ])('%s', async (_what, pieces, options, status, code, param) => {
    const answer = await send(pieces, options);
    expect([answer.status, answer.json.error?.code, answer.json.error?.param]).toEqual([status, code, param]);
    expect(received).toEqual([]);
    await untilEmpty();
  });

  test('too large, whether it says so or not', async () => {
    const file = randomBytes(104 * MIB);
    const answer = await send([field('model', 'whisper'), fileHead(), file, '\r\n', END]);
    expect([answer.status, answer.json.error?.code]).toEqual([413, 'body_too_large']);
    expect(answer.json.error?.message).toContain('max_file_size_mb');
    const unstated = await fetch(new URL('/v1/audio/transcriptions', headrace.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: new Blob([fileHead(), file, '\r\n', END]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(unstated.status).toBe(413);
    await untilEmpty();
  });
});

describe('a client that leaves', () => {
  const open = () =>
    http
      .request(new URL('/v1/audio/transcriptions', headrace.url), {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${headrace.masterKey}`,
          'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
          'content-length': 50 * MIB,
        },
      })
      .on('error', () => undefined);

  test('in the middle of its file leaves nothing in the store', async () => {
    const request = open();
    request.write(field('model', 'whisper') + fileHead());
    request.write(randomBytes(5 * MIB));
    await waitFor(async () => (await storedChunks(headrace)) > 10, { what: 'the first part to be stored' });
    request.destroy();
    await untilEmpty();
    expect(received).toEqual([]);
  });

  test('while the provider reads leaves nothing in the store either', async () => {
    readPauseMs = 20;
    const request = open();
    const form = [field('model', 'whisper'), fileHead(), randomBytes(20 * MIB), '\r\n', END];
    const rest = 50 * MIB - form.reduce((total, piece) => total + Buffer.byteLength(piece), 0);
    for (const piece of form) request.write(piece);
    request.write(Buffer.alloc(rest));
    request.end();
    await waitFor(async () => (await storedChunks(headrace)) > 100, { what: 'the file to be stored' });
    request.destroy();
    await untilEmpty();
  });
});
