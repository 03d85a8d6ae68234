import { expect, test } from 'vitest';
import { startTestSandbox } from './test-sandbox.ts';

const OK = { model: 'echo', messages: [{ role: 'user', content: 'hi' }] };

test.each<[string, unknown, number, string | null]>([
  ['no model', { messages: OK.messages }, 400, 'model'],
  ['a model that is no text', { ...OK, model: 7 }, 400, 'model'],
  ['an unknown model', { ...OK, model: 'gpt-9' }, 404, 'model'],
  ['no messages', { model: 'echo' }, 400, 'messages'],
  ['empty messages', { ...OK, messages: [] }, 400, 'messages'],
  ['a message that is no object', { ...OK, messages: ['hi'] }, 400, 'messages[0]'],
  ['a role there is not', { ...OK, messages: [{ role: 'boss', content: '' }] }, 400, 'messages[0].role'],
  ['content that is a number', { ...OK, messages: [{ role: 'user', content: 3 }] }, 400, 'messages[0].content'],
  ['a part without type', { ...OK, messages: [{ role: 'user', content: [{ text: 'x' }] }] }, 400, 'messages[0].content[0]'],
  ['negative max_tokens', { ...OK, max_tokens: -1 }, 400, 'max_tokens'],
  ['max_completion_tokens 0', { ...OK, max_completion_tokens: 0 }, 400, 'max_completion_tokens'],
  ['huge n', { ...OK, n: 1_000_000 }, 400, 'n'],
  ['a temperature of 3', { ...OK, temperature: 3 }, 400, 'temperature'],
  ['stream that is a text', { ...OK, stream: 'yes' }, 400, 'stream'],
  ['stream_options without stream', { ...OK, stream_options: {} }, 400, 'stream_options'],
  ['tools that are no list', { ...OK, tools: {} }, 400, 'tools'],
  ['a tool without name', { ...OK, tools: [{ type: 'function', function: {} }] }, 400, 'tools[0]'],
  ['a choice of no tool', { ...OK, tool_choice: { type: 'function', function: { name: 'f' } } }, 400, 'tool_choice'],
  ['a response format there is not', { ...OK, response_format: { type: 'xml' } }, 400, 'response_format'],
  ['a body that is a list', [], 400, null],
  ['an unknown sandbox member', { ...OK, sandbox: { tokens: 1, txt: 'x', foo: 1 } }, 400, 'sandbox.txt'],
  ['a sandbox that is no object', { ...OK, sandbox: true }, 400, 'sandbox'],
  ['a status there is not', { ...OK, sandbox: { status: 700 } }, 400, 'sandbox.status'],
  ['a failure there is not', { ...OK, sandbox: { fail: { kind: 'explode' } } }, 400, 'sandbox.fail.kind'],
  ['a failure without kind', { ...OK, sandbox: { fail: {} } }, 400, 'sandbox.fail'],
  ['a typo inside fail', { ...OK, sandbox: { fail: { kind: 'stall', after: 1 } } }, 400, 'sandbox.fail.after'],
  ['a script without session', { ...OK, sandbox: { script: [{}] } }, 400, 'sandbox.session'],
  ['a typo inside a script', { ...OK, sandbox: { session: 's', script: [{}, { statu: 1 }] } }, 400, 'sandbox.script[1].statu'],
  ['a tool call without name', { ...OK, sandbox: { tool_calls: [{}] } }, 400, 'sandbox.tool_calls[0].name'],
])('%s is refused by name', async (_, body, status, param) => {
  const { url } = await startTestSandbox();
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', param, message: expect.stringMatching(/\w/) } });
});

test.each([
  ['no JSON', '{"model":', 400],
  ['nothing', '', 400],
  ['too much', JSON.stringify({ ...OK, padding: 'x'.repeat(2_000) }), 413],
])('a body of %s is refused and the connection goes on', async (_, body, status) => {
  const { url, meter } = await startTestSandbox({ maxBodyBytes: 1_000 });
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  expect((await fetch(`${url}/v1/models`)).status).toBe(200);
  expect(meter.read()).toMatchObject({ requests: 1, refused: 1, inFlight: 0 });
});

test.each([
  ['GET', '/v1/chat/completions', 405],
  ['GET', '/v1/embeddings', 405],
  ['POST', '/v1/models', 405],
  ['GET', '/meter/records?limit=-1', 400],
  ['GET', '/v1/models/%ff', 400],
])('%s %s answers %i', async (method, path, status) => {
  const { url } = await startTestSandbox();
  const answer = await fetch(url + path, { method });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } });
});

test('a 20 MB body with an image is taken', async () => {
  const { chat } = await startTestSandbox();
  const content = [
    { type: 'text', text: 'what is this' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(20_000_000)}` } },
  ];
  const answer = await (await chat({ messages: [{ role: 'user', content }] })).json();
  expect(answer).toMatchObject({ usage: { prompt_tokens: 3 } });
});
