import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsEvent } from '../aws-event-stream/test-frames.ts';
import { openConverse } from './test-exchange.ts';

/**
 * AWS's own SDK as the judge of our requests: it is given them as its input, and writes only what its model of the API knows. What
 * comes out must be what went in. The stream fixture must mean to it what it means to us.
 */
/** The SDK speaks HTTP/2. */
let server: Http2Server;
let client: BedrockRuntimeClient;
let last: { path: string; body: unknown };
let answer: { type: string; body: Buffer };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      last = { path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) };
      response.writeHead(200, { 'content-type': answer.type }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 's' },
  });
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Our JSON as the SDK's input: base64 members are bytes there. */
function asInput(value: unknown, key = ''): unknown {
  if (typeof value === 'string' && (key === 'bytes' || key === 'redactedContent')) return Buffer.from(value, 'base64');
  if (Array.isArray(value)) return value.map((entry) => asInput(entry));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asInput(member, name)]));
}

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather.',
    strict: true,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};
const SCHEMA = {
  type: 'json_schema',
  json_schema: { name: 'person', schema: { type: 'object', properties: { name: { type: 'string' } } } },
};
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw==' } };
const pdf = { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } };
const calls = [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }];

const REQUESTS: readonly (readonly [string, object, string])[] = [
  ['text', {}, MODEL],
  [
    'sampling and limits',
    { max_tokens: 9, temperature: 0.5, top_p: 0.5, stop: ['x'], top_k: 3, service_tier: 'priority', user: 'u' },
    MODEL,
  ],
  ['pictures and documents', { messages: [{ role: 'user', content: [image, pdf, { type: 'text', text: 'Look.' }] }] }, MODEL],
  [
    'cache points',
    {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'user', content: 'x' },
      ],
    },
    MODEL,
  ],
  ['tools', { tools: [TOOL], tool_choice: 'required' }, MODEL],
  ['one tool', { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'get_weather' } }, parallel_tool_calls: false }, MODEL],
  [
    'a conversation with reasoning, calls and results',
    {
      tools: [TOOL],
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'Wait.',
          tool_calls: calls,
          thinking_blocks: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'redacted_thinking', data: 'aGlkZGVu' },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'Rain.' },
      ],
    },
    MODEL,
  ],
  ['a schema by a forced call', { response_format: SCHEMA }, MODEL],
  ['a schema as a format', { response_format: SCHEMA }, 'openai.gpt-oss-20b-1:0'],
  ['thinking', { reasoning_effort: 'high' }, MODEL],
  ['Nova’s reasoning', { reasoning_effort: 'high' }, 'us.amazon.nova-2-lite-v1:0'],
  [
    'Converse’s own members',
    { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1', trace: 'enabled' }, performanceConfig: { latency: 'optimized' } },
    MODEL,
  ],
  ['an ARN', {}, 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
];

describe('AWS’s own SDK', () => {
  it.each(REQUESTS)('writes our request of %s as we do', async (_name, request, upstreamModel) => {
    answer = { type: 'application/json', body: readFileSync(new URL('answer-thinking-tools.json', import.meta.url)) };
    const exchange = openConverse(request, { upstreamModel });
    const ours: unknown = JSON.parse(Buffer.from(exchange.body).toString());
    await client.send(new ConverseCommand({ modelId: upstreamModel, ...(asInput(ours) as object) } as ConverseCommandInput));
    expect(last).toEqual({ path: exchange.path, body: ours });
  });

  it('reads the streamed answer as we do', async () => {
    const events = JSON.parse(readFileSync(new URL('stream-thinking-tools.json', import.meta.url), 'utf8')) as [string, object][];
    const bytes = Buffer.concat(events.map(([type, payload]) => awsEvent(type, payload)));
    answer = { type: 'application/vnd.amazon.eventstream', body: bytes };
    const exchange = openConverse({}, { stream: true });
    const { stream } = await client.send(
      new ConverseStreamCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'hi' }] }] }),
    );
    expect(last.path).toBe(exchange.path);
    let produced = '';
    let stopReason: string | undefined;
    let outputTokens: number | undefined;
    for await (const event of stream ?? []) {
      const { delta } = event.contentBlockDelta ?? {};
      produced += delta?.text ?? delta?.reasoningContent?.text ?? delta?.toolUse?.input ?? '';
      produced += event.contentBlockStart?.start?.toolUse?.name ?? '';
      stopReason ??= event.messageStop?.stopReason;
      outputTokens ??= event.metadata?.usage?.outputTokens;
    }
    const decoder = exchange.openStream();
    decoder.push(bytes);
    expect([stopReason, outputTokens]).toEqual(['tool_use', decoder.usage?.outputTokens]);
    // a call without arguments has an empty object with us
    expect(decoder.producedText).toBe(`${produced}{}`);
  });
});
