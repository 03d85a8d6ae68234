import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { Sha256 } from '@aws-crypto/sha256-js';
import { LLMock } from '@copilotkit/aimock';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { ledgerRows } from '../support/books.ts';

/**
 * Bedrock behind the gateway, as an independent simulator speaks it: Converse and InvokeModel, whole and in AWS's binary stream. What
 * the simulator does not check is checked by a server that signs each request again with AWS's own signer.
 */
let mock: LLMock;
let signed: Server;
let headrace: RunningHeadrace;
let openai: OpenAI;
let anthropic: Anthropic;

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const SEGMENT = encodeURIComponent(CLAUDE);
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/example+key', sessionToken: 'a-session-token' };
const API_KEY = 'bedrock-api-key';
const REGION = 'eu-central-1';

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  signed = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const given = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      void expectedSignature(given).then((expected) => {
        const isRight = expected === request.headers.authorization;
        response.writeHead(isRight ? 200 : 403, { 'content-type': 'application/json', 'x-amzn-errortype': 'InvalidSignatureException' });
        response.end(isRight ? ANSWER : '{"message":"The request signature we calculated does not match the signature you provided."}');
      });
    });
  });
  await new Promise<void>((resolve) => signed.listen(0, '127.0.0.1', resolve));
  const keys = `aws_access_key_id: ${KEYS.accessKeyId}, aws_secret_access_key: ${KEYS.secretAccessKey}, aws_region_name: ${REGION}`;
  const signedUrl = `http://127.0.0.1:${(signed.address() as AddressInfo).port}`;
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: claude
    litellm_params: { model: "bedrock/${CLAUDE}", api_base: "${mock.url}", ${keys} }
  - model_name: signed
    litellm_params: { model: "bedrock/${CLAUDE}", api_base: "${signedUrl}", ${keys}, aws_session_token: ${KEYS.sessionToken} }
  - model_name: wrongly-signed
    litellm_params: { model: "bedrock/${CLAUDE}", api_base: "${signedUrl}", ${keys}, aws_session_token: another }
  - model_name: bearer
    litellm_params: { model: "bedrock/converse/${CLAUDE}", api_base: "${signedUrl}", api_key: ${API_KEY} }
router_settings: { num_retries: 0 }
`,
  });
  openai = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: headrace.masterKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: headrace.url, apiKey: headrace.masterKey, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  await mock.stop();
  await new Promise((resolve) => signed.close(resolve));
});
beforeEach(() => {
  mock.reset();
});

const ANSWER = JSON.stringify({
  output: { message: { role: 'assistant', content: [{ text: 'Signed.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
});

/** What the request should say: the API key, or the signature over the headers that it names, with the session's right token. */
async function expectedSignature({ path, headers, body }: { path: string; headers: IncomingHttpHeaders; body: Buffer }): Promise<string> {
  if (headers['x-amz-date'] === undefined) return `Bearer ${API_KEY}`;
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const sent = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  const time = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(String(headers['x-amz-date']));
  const [year, month, day, hour, minute, second] = (time ?? []).slice(1).map(Number);
  const signer = new SignatureV4({ credentials: KEYS, region: REGION, service: 'bedrock', sha256: Sha256, applyChecksum: false });
  const { headers: result } = await signer.sign(
    new HttpRequest({ method: 'POST', hostname: String(headers.host), path, headers: sent, body }),
    { signingDate: new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)) },
  );
  return String(result['authorization']);
}

const user = (content: string) => [{ role: 'user' as const, content }];
const USAGE = { input_tokens: 1_000, output_tokens: 50 };
const WEATHER = { type: 'object' as const, properties: { city: { type: 'string' } } };
const CALLS = {
  toolCalls: [
    { id: 'tooluse_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { id: 'tooluse_b', name: 'get_weather', arguments: '{"city":"Rome"}' },
  ],
};

describe('an OpenAI client by Converse', () => {
  const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: WEATHER } }];

  test('gets text, with the usage in the ledger', async () => {
    mock.onMessage('hello', { content: 'Hi there!', usage: USAGE });
    const { data, response } = await openai.chat.completions.create({ model: 'claude', messages: user('hello') }).withResponse();
    expect(data).toMatchObject({ model: CLAUDE, choices: [{ message: { content: 'Hi there!' }, finish_reason: 'stop' }] });
    expect(mock.getLastRequest()?.path).toBe(`/model/${SEGMENT}/converse`);
    const jobId = response.headers.get('x-headrace-job-id') ?? '';
    const row = await waitFor(async () => (await ledgerRows(headrace, jobId))[0], { what: 'the ledger row' });
    expect(row).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 50, headrace: { tokens: { estimated: false } } });
  });

  test('gets a stream, piece by piece, with its usage', async () => {
    const text = 'A longer answer, so that it comes in several pieces: ä, 世界, 👋.';
    mock.onMessage('stream', { content: text, usage: USAGE }, { chunkSize: 7 });
    const pieces: string[] = [];
    const final = await openai.chat.completions
      .stream({ model: 'claude', messages: user('stream'), stream_options: { include_usage: true } })
      .on('content', (piece) => pieces.push(piece))
      .finalChatCompletion();
    expect(pieces.length).toBeGreaterThan(3);
    expect(final).toMatchObject({
      choices: [{ message: { content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1_000, completion_tokens: 50 },
    });
    expect(mock.getLastRequest()?.path).toBe(`/model/${SEGMENT}/converse-stream`);
  });

  test.each([false, true])('gets parallel calls (stream: %s) and gives their results', async (stream) => {
    mock.onToolResult('tooluse_b', { content: 'Rain in Oslo, sun in Rome.' });
    mock.onMessage('weather', CALLS);
    const request = { model: 'claude', messages: user('weather'), tools };
    const first = stream
      ? await openai.chat.completions.stream(request).finalChatCompletion()
      : await openai.chat.completions.create(request);
    const calls = (first.choices[0]?.message.tool_calls ?? []).filter((call) => call.type === 'function');
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(calls.map((call) => [call.id, JSON.parse(call.function.arguments)])).toEqual([
      ['tooluse_a', { city: 'Oslo' }],
      ['tooluse_b', { city: 'Rome' }],
    ]);
    const second = await openai.chat.completions.create({
      model: 'claude',
      messages: [
        ...user('weather'),
        { role: 'assistant', content: null, tool_calls: calls },
        ...calls.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: 'fine' })),
      ],
      tools,
    });
    expect(second.choices[0]?.message.content).toBe('Rain in Oslo, sun in Rome.');
  });

  test('is told of a stream that was cut', async () => {
    mock.onMessage('cut', { content: 'word '.repeat(50) }, { chunkSize: 5, latency: 20, truncateAfterChunks: 10 });
    const stream = await openai.chat.completions.create({ model: 'claude', messages: user('cut'), stream: true });
    const reading = (async () => {
      for await (const _chunk of stream);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated' });
  });

  test.each([
    [400, 400],
    [429, 429],
    [500, 502],
    [503, 503],
  ])('is told of an error %i as %i', async (status, shown) => {
    mock.nextRequestError(status, { message: 'the provider’s own words', type: 'some_error' });
    await expect(openai.chat.completions.create({ model: 'claude', messages: user('x') })).rejects.toMatchObject({ status: shown });
  });
});

describe('an Anthropic client by InvokeModel', () => {
  const tools = [{ name: 'get_weather', input_schema: WEATHER }];

  test('gets the message as Claude wrote it', async () => {
    mock.onMessage('hello', { content: 'Hi there!', usage: USAGE });
    const message = await anthropic.messages.create({ model: 'claude', max_tokens: 100, messages: user('hello') });
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'Hi there!' }], stop_reason: 'end_turn', usage: USAGE });
    const sent = mock.getLastRequest();
    expect(sent?.path).toBe(`/model/${SEGMENT}/invoke`);
  });

  test('gets a stream, also of calls', async () => {
    mock.onMessage('stream', { content: 'One, two, three, four.', usage: USAGE }, { chunkSize: 5 });
    const pieces: string[] = [];
    const text = anthropic.messages
      .stream({ model: 'claude', max_tokens: 100, messages: user('stream') })
      .on('text', (piece) => pieces.push(piece));
    expect(await text.finalText()).toBe('One, two, three, four.');
    expect(pieces.length).toBeGreaterThan(2);
    expect(mock.getLastRequest()?.path).toBe(`/model/${SEGMENT}/invoke-with-response-stream`);
    mock.onMessage('weather', CALLS);
    const calling = await anthropic.messages.stream({ model: 'claude', max_tokens: 100, messages: user('weather'), tools }).finalMessage();
    expect(calling).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { type: 'tool_use', id: 'tooluse_a', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'tooluse_b', input: { city: 'Rome' } },
      ],
    });
  });
});

describe('requests are let in', () => {
  test('with a Bedrock API key', async () => {
    const answer = await openai.chat.completions.create({ model: 'bearer', messages: user('hello') });
    expect(answer.choices[0]?.message.content).toBe('Signed.');
  });

  test('signed as AWS’s own signer does it', async () => {
    const answer = await openai.chat.completions.create({ model: 'signed', messages: user('hello') });
    expect(answer.choices[0]?.message.content).toBe('Signed.');
  });

  test('or not, and a refused signature is the operator’s affair, not the client’s', async () => {
    await expect(openai.chat.completions.create({ model: 'wrongly-signed', messages: user('hello') })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_auth',
    });
  });
});
