import { createHash, randomBytes } from 'node:crypto';
import type http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { ledgerRows } from '../support/books.ts';
import { chat, type ChatTarget, readStream, startChat } from '../support/chat-client.ts';
import { residentBytes } from '../support/process-memory.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Bodies far above a message's limit, answers of megabytes, and readers slower than their provider. */
const MIB = 1024 * 1024;
const INLINE_BYTES = 512 * 1024;

let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => {
    const { model } = JSON.parse(request.body.toString()) as { model: string };
    if (model === 'firehose') return pour(response);
    response.setHeader('content-type', 'application/json').end(completion(model === 'large' ? LARGE_TEXT : sha256(request.body)));
  });
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "*"
    litellm_params: { model: openai/*, api_base: "${provider.url}", api_key: sk-provider }
general_settings: { max_request_size_mb: 32 }
`,
  });
  target = { url: headrace.url, key: headrace.masterKey };
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

const LARGE_TEXT = randomBytes((5 * MIB) / 2).toString('hex');
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

function completion(content: string): string {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
  return JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices, usage });
}

/** A request with an image of random bytes, filled up to exactly `bytes`. */
function imageRequest(bytes: number): string {
  const [head, tail] = JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,|' } }] }],
  }).split('|') as [string, string];
  const room = bytes - head.length - tail.length;
  return (
    head +
    randomBytes(Math.ceil((room * 3) / 4))
      .toString('base64')
      .slice(0, room) +
    tail
  );
}

async function expectWhole(body: string): Promise<void> {
  const answer = await chat(target, body);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text).choices[0].message.content).toBe(sha256(body));
}

const EVENT_TEXT = 'x'.repeat(2_000);
const EVENT = `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: EVENT_TEXT } }] })}\n\n`;
/** 50 MB of text. */
const EVENTS = 25_000;
const LAST_EVENTS = `data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":${EVENTS},"total_tokens":${EVENTS + 3}}}\n\ndata: [DONE]\n\n`;

/** Bytes of the latest stream that left the provider. */
let pouredBytes = 0;

/** As fast as the other side takes it. */
function pour(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  pouredBytes = 0;
  const more = (): void => {
    while (sent < EVENTS && !response.destroyed) {
      sent += 1;
      pouredBytes += EVENT.length;
      if (!response.write(EVENT)) return void response.once('drain', more);
    }
    if (sent === EVENTS) response.end(LAST_EVENTS);
  };
  more();
}

const FIREHOSE = { model: 'firehose', messages: [{ role: 'user', content: 'hi' }], stream: true };
const MOST_GROWTH = 30 * MIB;

describe('a client that does not read a fast stream of 50 MB', () => {
  const SERVICES = ['ingress', 'worker'] as const;
  const memory = () => Promise.all(SERVICES.map((service) => residentBytes(headrace, service)));

  /** The provider has not been able to send anything for a while: everything in between is full. */
  async function untilStanding(): Promise<void> {
    let seen = -1;
    let since = performance.now();
    await waitFor(
      () => {
        if (pouredBytes !== seen) since = performance.now();
        seen = pouredBytes;
        return performance.now() - since > 1_500;
      },
      { what: 'the stream to stand still', timeoutMs: 20_000 },
    );
  }

  /** The head has come, nothing more is read. */
  async function openUnread() {
    const call = startChat(target, FIREHOSE);
    const head = await call.head;
    head.pause();
    return { call, head };
  }

  test('fills neither ingress nor worker, and gets everything when it reads on', async () => {
    // code paths and heaps grow to their size with the first of such streams
    await chat(target, FIREHOSE);
    const before = await memory();
    const { call, head } = await openUnread();
    await untilStanding();
    const during = await memory();
    expect(pouredBytes).toBeLessThan(MOST_GROWTH);
    SERVICES.forEach((service, index) => expect((during[index] ?? 0) - (before[index] ?? 0), service).toBeLessThan(MOST_GROWTH));
    head.resume();
    const reading = readStream((await call.answer).text);
    expect(reading).toMatchObject({ done: true, finishReason: 'stop', error: undefined });
    expect(reading.text.length).toBe(EVENTS * EVENT_TEXT.length);
  });

  test('ends the call at the provider when it leaves, and is billed for what was produced', async () => {
    const { call, head } = await openUnread();
    await untilStanding();
    const before = provider.aborted;
    head.on('error', () => undefined);
    call.abort();
    await waitFor(() => provider.aborted === before + 1, { what: 'the call at the provider to end' });
    const jobId = String(head.headers['x-headrace-job-id']);
    const rows = await waitFor(
      async () => {
        const found = await ledgerRows(headrace, jobId);
        return found.length > 0 && found;
      },
      { what: 'the ledger row' },
    );
    expect(rows).toMatchObject([{ headrace: { status: 'cancelled', tokens: { estimated: true } } }]);
    expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
  });
});

describe('a request arrives at the provider byte for byte', () => {
  test.each([
    ['600 kB', 600_000],
    ['one byte less than what travels in the job', INLINE_BYTES - 1],
    ['as much as travels in the job', INLINE_BYTES],
    ['one byte more than what travels in the job', INLINE_BYTES + 1],
    ['a message’s limit of 1 MiB', MIB],
    ['20 MB', 20_000_000],
  ])('%s', async (_name, bytes) => {
    const body = imageRequest(bytes);
    expect(Buffer.byteLength(body)).toBe(bytes);
    await expectWhole(body);
  });

  test('eight of 2 MB at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => expectWhole(imageRequest(2_000_000))));
  });
});

test('an answer of 5 MiB arrives whole, with its cost', async () => {
  const answer = await chat(target, { model: 'large', messages: [{ role: 'user', content: 'hi' }] });
  expect([answer.status, answer.clean]).toEqual([200, true]);
  expect(answer.text).toBe(completion(LARGE_TEXT));
});
