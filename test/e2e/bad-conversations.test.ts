import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { type CaptureProvider, startCaptureProvider } from '../support/capture-provider.ts';

/** What a client can get wrong in a conversation, in each of its formats, and files it names by address. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let provider: CaptureProvider;
let files: http.Server;
let filesUrl: string;
let headrace: RunningHeadrace;

beforeAll(async () => {
  provider = await startCaptureProvider(() => JSON.stringify({ model: 'm', message: { role: 'assistant', content: 'seen' }, done: true }));
  files = http.createServer((request, response) => {
    if (request.url === '/page') response.setHeader('content-type', 'text/html').end('<html></html>');
    else response.setHeader('content-type', 'image/png').end(PNG);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  filesUrl = `http://localhost:${(files.address() as AddressInfo).port}`;
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: echo, litellm_params: { model: sandbox/echo } }
  - model_name: local
    litellm_params: { model: ollama_chat/llama3, api_base: "${provider.url.replace('/v1', '')}" }
headrace: { media: { allow_private_hosts: [localhost] } }
router_settings: { num_retries: 0 }
`,
  });
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
  files.close();
});

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly param: string | undefined;
}

async function post(path: string, body: object): Promise<Refusal & { readonly text: string }> {
  const answer = await fetch(`${headrace.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const error = (JSON.parse(text) as { error?: { message?: string; param?: string } }).error;
  return { status: answer.status, message: error?.message ?? '', param: error?.param, text };
}

const USER = { role: 'user', content: 'Hi' };
const BAD_SCHEMA = 'not an object';
const bad: readonly (readonly [what: string, path: string, body: object, names: RegExp])[] = [
  [
    'a chat tool whose parameters are no schema',
    '/v1/chat/completions',
    { messages: [USER], tools: [{ type: 'function', function: { name: 'f', parameters: BAD_SCHEMA } }] },
    /parameters/,
  ],
  ['a chat tool without a name', '/v1/chat/completions', { messages: [USER], tools: [{ type: 'function', function: {} }] }, /name/],
  [
    'a Messages tool whose schema is none',
    '/v1/messages',
    { max_tokens: 9, messages: [USER], tools: [{ name: 'f', input_schema: BAD_SCHEMA }] },
    /input_schema/,
  ],
  [
    'a Responses tool whose schema is none',
    '/v1/responses',
    { input: 'Hi', tools: [{ type: 'function', name: 'f', parameters: BAD_SCHEMA }] },
    /parameters/,
  ],
  [
    'a Gemini tool whose schema is none',
    '/v1beta/models/MODEL:generateContent',
    { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], tools: [{ functionDeclarations: [{ name: 'f', parameters: BAD_SCHEMA }] }] },
    /parameters/,
  ],
  [
    'a chat tool result for no call',
    '/v1/chat/completions',
    { messages: [USER, { role: 'tool', tool_call_id: 'nobody', content: 'x' }] },
    /nobody|tool_call_id/,
  ],
  [
    'a Messages tool result for no call',
    '/v1/messages',
    { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'nobody', content: 'x' }] }] },
    /nobody|tool_use_id/,
  ],
  [
    'a Responses call output for no call',
    '/v1/responses',
    { input: [{ type: 'function_call_output', call_id: 'nobody', output: 'x' }] },
    /nobody|call_id/,
  ],
  [
    'a schema that is none',
    '/v1/chat/completions',
    { messages: [USER], response_format: { type: 'json_schema', json_schema: { name: 'a', schema: BAD_SCHEMA } } },
    /schema/,
  ],
  ['a parameter the provider has no place for', '/v1/chat/completions', { messages: [USER], service_tier: 'flex' }, /service_tier/],
];

describe('a provider of another format never sees', () => {
  test.each(bad)('%s: 400 that names it', async (_what, path, body, names) => {
    const before = provider.requests.length;
    const answer = await post(path.replace('MODEL', 'local'), { model: 'local', ...body });
    expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(names)]);
    expect(provider.requests.length).toBe(before);
  });
});

describe('a picture by address', () => {
  const ask = (url: string) =>
    post('/v1/chat/completions', {
      model: 'local',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });

  test('is fetched for a provider that takes bytes only', async () => {
    const answer = await ask(`${filesUrl}/a.png`);
    expect(answer.status).toBe(200);
    const sent = JSON.parse(provider.requests.at(-1)?.body ?? '{}') as { messages: { images: string[] }[] };
    expect(sent.messages[0]?.images).toEqual([PNG.toString('base64')]);
  });

  test.each([
    ['http://127.0.0.1:1/a.png', /not on the public internet/],
    ['http://169.254.169.254/latest/meta-data', /not on the public internet/],
    ['http://[::ffff:10.0.0.1]/a.png', /not on the public internet/],
    ['http://0x7f000001/a.png', /not on the public internet/],
    ['ftp://example.com/a.png', /http\(s\) URL/],
    ['http://nobody.invalid/a.png', /not known/],
  ])('%s is refused by its place in the request', async (url, why) => {
    const answer = await ask(url);
    expect(answer).toMatchObject({ status: 400, message: expect.stringMatching(why) });
    expect(answer.param).toMatch(/^messages\[0\]/);
  });

  test('that is no picture is refused', async () => {
    expect(await ask(`${filesUrl}/page`)).toMatchObject({ status: 400, message: expect.stringMatching(/no picture/) });
  });

  test('is passed on as it is to a provider of the client’s own format', async () => {
    const answer = await post('/v1/chat/completions', {
      model: 'echo',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi' },
            { type: 'image_url', image_url: { url: 'http://127.0.0.1:1/a.png' } },
          ],
        },
      ],
    });
    expect(answer.status).toBe(200);
  });
});
