import type http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, type ServiceName, startHeadrace } from '#testing';
import { chat, readStream } from '../support/chat-client.ts';
import { expectRefusal, type Refusal } from '../support/expect-refusal.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Whatever a provider answers: a clear error in OpenAI's shape, never a crash or a hang, and nothing of its page or our key in it. */
const SERVICES: readonly ServiceName[] = ['ingress', 'worker', 'accounting', 'admin', 'nats-server'];

let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let pidsBefore: readonly number[][];

const allPids = () => Promise.all(SERVICES.map((service) => headrace.pids(service)));

beforeAll(async () => {
  provider = await startScriptedProvider((request, response) => void FAULTS[JSON.parse(request.body.toString()).model]?.(response));
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: faulty/*
    litellm_params: { model: openai/*, api_base: "${provider.url}", api_key: sk-provider }
  - model_name: refused
    litellm_params: { model: openai/x, api_base: "http://127.0.0.1:1/v1", api_key: sk-provider }
  - model_name: nowhere
    litellm_params: { model: openai/x, api_base: "http://does-not-exist.invalid/v1", api_key: sk-provider }
router_settings: { num_retries: 0 }
`,
  });
  pidsBefore = await allPids();
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

const MESSAGES = [{ role: 'user', content: 'Hello there' }];

const ok = (response: http.ServerResponse, type: string) => response.writeHead(200, { 'content-type': type });
const COMPLETION =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';
const CHUNK =
  'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hi "}}]}\n\n';

/** What the faulty provider does, by the name of the model. */
const FAULTS: Readonly<Record<string, (response: http.ServerResponse) => unknown>> = {
  'html-200': (response) => ok(response, 'text/html').end('<html><body>Welcome to the hotel network</body></html>'),
  'html-502': (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>'),
  'empty-200': (response) => ok(response, 'application/json').end(),
  'no-json': (response) => ok(response, 'application/json').end('{"id":"x","choices":[{'),
  'json-array': (response) => ok(response, 'application/json').end('[]'),
  'error-200': (response) => ok(response, 'application/json').end('{"error":{"message":"model is loading","type":"server_error"}}'),
  'null-choices': (response) => ok(response, 'application/json').end('{"id":"x","choices":null}'),
  redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'status-204': (response) => response.writeHead(204).end(),
  'status-418': (response) => response.writeHead(418).end('short and stout'),
  'bad-key': (response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"Incorrect API key provided: sk-provider"}}'),
  reset: (response) => response.socket?.resetAndDestroy(),
  'cut-body': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
    response.write('{"id":"x"', () => response.destroy());
  },
  'not-http': (response) => response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
  'huge-head': (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    const more = () => response.socket?.writable && response.socket.write(`x-filler: ${'x'.repeat(8_000)}\r\n`, more);
    more();
  },
  silent: () => undefined,
  'head-only': (response) => ok(response, 'application/json').flushHeaders(),
  'huge-answer': (response) => {
    ok(response, 'application/json').write('{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"');
    const piece = Buffer.alloc(1024 * 1024, 'a');
    const more = () => response.writable && response.write(piece, more);
    more();
  },
  'garbage-events': (response) => ok(response, 'text/event-stream').end('this is\nno event stream\n\n'),
  'half-json-event': (response) => ok(response, 'text/event-stream').end('data: {"id":"1","choices":[{"del\n\ndata: [DONE]\n\n'),
  'no-end': (response) => ok(response, 'text/event-stream').end(CHUNK),
  'endless-line': (response) => {
    ok(response, 'text/event-stream').write('data: {"x":"');
    const piece = Buffer.alloc(1024 * 1024, 'a');
    const more = () => response.writable && response.write(piece, more);
    more();
  },
  healthy: (response) => ok(response, 'application/json').end(COMPLETION),
  'empty-events': (response) => ok(response, 'text/event-stream').end(),
  'events-as-text': (response) =>
    ok(response, 'text/plain').end(
      `${CHUNK}${CHUNK.replace('"delta":{"content":"hi "}', '"delta":{},"finish_reason":"stop"')}data: [DONE]\n\n`,
    ),
};

describe('a provider’s answer', () => {
  const askFaulty = (model: string, stream: boolean, deadlineMs = 20_000) =>
    chat(
      { url: headrace.url, key: headrace.masterKey },
      { model, messages: MESSAGES, stream },
      { 'x-headrace-deadline-ms': String(deadlineMs) },
    );

  const INVALID = { status: 502, code: 'upstream_invalid_response' } as const;

  test.each<[string, Refusal]>([
    ['html-200', INVALID],
    ['html-502', { status: 502, code: 'upstream_error' }],
    ['empty-200', INVALID],
    ['no-json', INVALID],
    ['json-array', INVALID],
    ['error-200', { status: 502, code: 'upstream_error', says: /model is loading/ }],
    ['null-choices', INVALID],
    ['redirect', { status: 502, code: 'upstream_error' }],
    ['status-204', INVALID],
    ['status-418', { status: 400, code: 'upstream_bad_request' }],
    ['bad-key', { status: 502, code: 'upstream_auth' }],
    ['reset', { status: 502, code: 'upstream_unreachable' }],
    ['cut-body', { status: 502, code: 'upstream_truncated' }],
    ['not-http', INVALID],
    ['huge-head', INVALID],
    ['huge-answer', INVALID],
  ])('%s', async (fault, refusal) => {
    const answer = await askFaulty(`faulty/${fault}`, false);
    expectRefusal(answer, refusal);
    expect(answer.text).not.toMatch(/<html|sk-provider/);
  });

  test.each<[string, string]>([
    ['html-200', 'upstream_invalid_response'],
    ['html-502', 'upstream_error'],
    ['error-200', 'upstream_error'],
    ['status-204', 'upstream_truncated'],
    ['garbage-events', 'upstream_truncated'],
    ['half-json-event', 'upstream_invalid_response'],
    ['empty-events', 'upstream_truncated'],
    ['endless-line', 'upstream_invalid_response'],
    ['huge-head', 'upstream_invalid_response'],
    ['reset', 'upstream_unreachable'],
  ])('%s, asked for a stream: an HTTP error, because nothing has been sent', async (fault, code) => {
    const answer = await askFaulty(`faulty/${fault}`, true);
    if (answer.status === 200) expect(readStream(answer.text).error).toMatchObject({ code });
    else expectRefusal(answer, { status: 502, code });
  });

  test('a stream that ends without its end is an error event after its text', async () => {
    const reading = readStream((await askFaulty('faulty/no-end', true)).text);
    expect(reading).toMatchObject({ text: 'hi ', done: false, error: { code: 'upstream_truncated' } });
  });

  test('a stream labelled as text is a stream all the same', async () => {
    const reading = readStream((await askFaulty('faulty/events-as-text', true)).text);
    expect(reading).toMatchObject({ text: 'hi ', done: true, finishReason: 'stop', error: undefined });
  });

  test.each([
    ['silent', false],
    ['silent', true],
    ['head-only', false],
  ])('%s (stream: %s): 504 at the deadline', async (fault, stream) => {
    const startedAt = performance.now();
    expectRefusal(await askFaulty(`faulty/${fault}`, stream, 1_000), { status: 504, code: 'upstream_timeout' });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  test.each(['refused', 'nowhere'])('%s: a host that can’t be reached', async (model) => {
    expectRefusal(await askFaulty(model, false), { status: 502, code: 'upstream_unreachable' });
  });

  test('after all of that every process is the one it was, and a request works', async () => {
    expect((await askFaulty('faulty/healthy', false)).status).toBe(200);
    expect(await allPids()).toEqual(pidsBefore);
  });
});
