import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { awsException, awsFrame } from '../aws-event-stream/test-frames.ts';
import type { Exchange, ExchangeInput, StreamDecoder, StreamStep } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

const SSE = readFileSync(new URL('../openai-chat/stream-text.sse', import.meta.url));
const PART = { ':message-type': 'event', ':event-type': 'PayloadPart', ':content-type': 'application/octet-stream' };

/** The container's bytes in frames that cut them anywhere. */
function framed(bytes: Buffer, size: number): Buffer {
  const count = Math.ceil(bytes.length / size);
  return Buffer.concat(Array.from({ length: count }, (_part, at) => awsFrame(PART, bytes.subarray(at * size, (at + 1) * size))));
}

function open(clientDialect: ExchangeInput['clientDialect'], changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect,
    providerDialect: 'sagemaker-invoke',
    stream: true,
    body: Buffer.from(
      '{"model":"group","max_tokens":10,"stream":true,"messages":[{"role":"user","content":"hi"}],"x_id":12345678901234567890}',
    ),
    upstreamModel: 'my-endpoint',
    defaultParams: {},
    dropParams: true,
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

describe.each(['openai-chat', 'anthropic-messages'] as const)('a SageMaker endpoint for a client of %s', (client) => {
  it('is named by the address; the body names no model and says that it wants a stream', () => {
    const exchange = open(client);
    expect(exchange.path).toBe('/endpoints/my-endpoint/invocations-response-stream');
    expect(open(client, { stream: false }).path).toBe('/endpoints/my-endpoint/invocations');
    const body: unknown = JSON.parse(Buffer.from(exchange.body).toString());
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(body).not.toHaveProperty('model');
  });

  it('streams the same answer as an OpenAI server, however its bytes are framed and the frames cut', () => {
    const expected = run(open(client, { providerDialect: 'openai-chat' }).openStream(), [SSE]);
    expect(expected).toMatchObject({ error: undefined, done: true });
    for (let size = 1; size < 80; size += 1) expect(run(open(client).openStream(), [framed(SSE, size)])).toEqual(expected);
    const stream = framed(SSE, 33);
    for (let at = 1; at < stream.length; at += 1) {
      expect(run(open(client).openStream(), [stream.subarray(0, at), stream.subarray(at)])).toEqual(expected);
    }
  });

  it('whose last event has no blank line is complete all the same', () => {
    const hasty = SSE.subarray(0, SSE.indexOf('\n\n', SSE.indexOf('"choices":[]')));
    const decoder = open(client).openStream();
    expect(run(decoder, [framed(hasty, 40)])).toMatchObject({ error: undefined, done: true });
    expect(decoder.usage).toMatchObject({ inputTokens: 19, outputTokens: 7 });
  });

  it('that cuts its stream is an error, never an end (P2)', () => {
    const finishAt = SSE.indexOf('"finish_reason":"stop"');
    const eventAt = SSE.lastIndexOf('data: ', finishAt);
    for (let at = 0; at < eventAt; at += 5) {
      expect(run(open(client).openStream(), [framed(SSE.subarray(0, at), 50)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it.each([
    ['ModelStreamError', { Message: 'Broken.', ErrorCode: 'StreamBroken' }, 'upstream_error'],
    ['InternalStreamFailure', {}, 'upstream_error'],
    ['ThrottlingException', { message: 'Slow.' }, 'upstream_rate_limited'],
  ])('whose stream fails with %s (%j) fails with %s', (type, payload, code) => {
    const stream = Buffer.concat([framed(SSE.subarray(0, SSE.indexOf('\n\n') + 2), 40), awsException(type, payload)]);
    expect(run(open(client).openStream(), [stream])).toMatchObject({ error: code, done: false });
  });

  it('whose container refuses has the container’s status and words', () => {
    const words = {
      OriginalStatusCode: 400,
      OriginalMessage: '{"error":{"message":"context length exceeded: maximum context length is 10"}}',
      Message: 'Received client error',
    };
    expect(open(client).decodeError(424, {}, Buffer.from(JSON.stringify(words)))).toMatchObject({ code: 'context_length_exceeded' });
    const missing = { Message: 'Endpoint my-endpoint of account 1 not found.' };
    expect(open(client).decodeError(400, { 'x-amzn-errortype': 'ValidationError' }, Buffer.from(JSON.stringify(missing)))).toMatchObject({
      code: 'upstream_not_found',
    });
  });
});

it('an OpenAI client’s numbers arrive as they were written', () => {
  expect(Buffer.from(open('openai-chat').body).toString()).toContain('"x_id":12345678901234567890');
});
