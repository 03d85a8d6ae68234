import { readFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { BedrockRuntimeClient, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, it } from 'vitest';
import { awsEvent, awsException } from '../aws-event-stream/test-frames.ts';
import type { Exchange, ExchangeInput, StreamDecoder, StreamStep } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

const EVENTS = readFileSync(new URL('../anthropic-messages/stream-thinking-tools.sse', import.meta.url), 'utf8')
  .split('\n\n')
  .filter((event) => event !== '');
const JSONS = EVENTS.map((event) => event.slice(event.indexOf('data: ') + 6));
const frame = (json: string): Buffer => awsEvent('chunk', { bytes: Buffer.from(json).toString('base64'), p: 'abcdefg' });
const STREAM = Buffer.concat(JSONS.map(frame));
const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const BETAS = 'context-1m-2025-08-07,oauth-2025-04-20';

function open(clientDialect: ExchangeInput['clientDialect'], request: object = {}, changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect,
    providerDialect: 'bedrock-invoke',
    stream: true,
    body: Buffer.from(
      JSON.stringify({ model: 'group', max_tokens: 10, stream: true, messages: [{ role: 'user', content: 'hi' }], ...request }),
    ),
    upstreamModel: MODEL,
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 0,
    answerId: 'id',
    ...changes,
  });
}

function run(decoder: StreamDecoder, chunks: readonly Uint8Array[]) {
  const steps: StreamStep[] = [...chunks.map((chunk) => decoder.push(chunk)), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
  };
}

const bodyOf = (exchange: Exchange): unknown => JSON.parse(Buffer.from(exchange.body).toString());

describe.each(['anthropic-messages', 'openai-chat'] as const)('Claude by InvokeModel for a client of %s', (client) => {
  it('is asked with model and streaming in the address, version and betas in the body', () => {
    const exchange = open(client, {}, { clientHeaders: { 'anthropic-beta': BETAS } });
    expect(exchange.path).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream');
    expect(open(client, { stream: false }, { stream: false }).path).toMatch(/\/invoke$/);
    expect(bodyOf(exchange)).toMatchObject({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['context-1m-2025-08-07'],
      max_tokens: 10,
    });
    expect(bodyOf(exchange)).not.toHaveProperty('model');
    expect(bodyOf(exchange)).not.toHaveProperty('stream');
    expect(exchange.headers).toEqual({ 'content-type': 'application/json' });
  });

  it('streams the same answer as Anthropic’s own API, wherever it is cut', () => {
    const direct = open(client, {}, { providerDialect: 'anthropic-messages' });
    const expected = run(direct.openStream(), [Buffer.from(`${EVENTS.join('\n\n')}\n\n`)]);
    expect(expected).toMatchObject({ error: undefined, done: true });
    expect(run(open(client).openStream(), [STREAM])).toEqual(expected);
    for (let at = 1; at < STREAM.length; at += 1) {
      expect(run(open(client).openStream(), [STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(expected);
    }
    const bytes = Array.from(STREAM, (byte) => Uint8Array.of(byte));
    expect(run(open(client).openStream(), bytes)).toEqual(expected);
  });

  it('that is cut is an error, never an end (P2)', () => {
    for (let at = 0; at < STREAM.length - 1; at += 7) {
      expect(run(open(client).openStream(), [STREAM.subarray(0, at)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it.each([
    ['throttlingException', 'upstream_rate_limited'],
    ['modelStreamErrorException', 'upstream_error'],
    ['modelTimeoutException', 'upstream_timeout'],
    ['serviceUnavailableException', 'upstream_overloaded'],
  ])('that fails with %s fails with %s', (type, code) => {
    const stream = Buffer.concat([frame(JSONS[0] ?? ''), awsException(type, { message: 'Oh.' })]);
    expect(run(open(client).openStream(), [stream])).toMatchObject({ error: code, done: false });
  });

  it('that fails with an error event of Claude’s has its meaning', () => {
    const stream = frame(JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }));
    expect(run(open(client).openStream(), [stream])).toMatchObject({ error: 'upstream_overloaded', done: false });
  });

  it('that is refused is read as AWS’s error', () => {
    const error = open(client).decodeError(
      429,
      { 'x-amzn-errortype': 'ThrottlingException:http://x/' },
      Buffer.from('{"message":"Slow."}'),
    );
    expect(error).toMatchObject({ code: 'upstream_rate_limited', message: 'Slow.' });
  });
});

it('AWS’s own SDK unwraps the same events', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' }).end(STREAM);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 's' },
  });
  const { body } = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body: '{}' }));
  const read: string[] = [];
  for await (const { chunk } of body ?? []) read.push(Buffer.from(chunk?.bytes ?? []).toString());
  expect(read).toEqual(JSONS);
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('a frame without an event gives nothing; one with lines, its type elsewhere or without wrapping is an event', () => {
  const lines = '{\n "index": 0,\n "type": "ping"\n}';
  const outcome = run(open('anthropic-messages').openStream(), [
    awsEvent('chunk', { p: 'a' }),
    frame(lines),
    awsEvent('chunk', { type: 'ping' }),
    STREAM,
  ]);
  expect(
    outcome.text.startsWith(
      'event: ping\ndata: {  "index": 0,  "type": "ping" }\n\nevent: ping\ndata: {"type":"ping"}\n\nevent: message_start\n',
    ),
  ).toBe(true);
});
