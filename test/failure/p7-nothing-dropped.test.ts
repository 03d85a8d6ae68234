import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { type CaptureProvider, startCaptureProvider } from '../support/capture-provider.ts';
import { chat, type ChatTarget } from '../support/chat-client.ts';

/** Promise 7: unknown request fields reach the provider; what it can't take is refused or dropped by an explicit setting. */
let provider: CaptureProvider;
let headrace: RunningHeadrace;
let target: ChatTarget;

const ANSWER =
  '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","novel_field":{"deep":[1,2]}},"finish_reason":"stop"}],"usage":{"prompt_tokens":12345678901234567890,"completion_tokens":1,"total_tokens":2},"provider_extra":1.50}';

beforeAll(async () => {
  provider = await startCaptureProvider(() => ANSWER.replace('12345678901234567890', '3'));
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: plain
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider }
  - model_name: claude
    litellm_params: { model: anthropic/claude-x, api_base: "${provider.url}", api_key: sk-provider }
  - model_name: claude-dropping
    litellm_params: { model: anthropic/claude-x, api_base: "${provider.url}", api_key: sk-provider, drop_params: true }
`,
  });
  target = { url: headrace.url, key: headrace.masterKey };
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

const MESSAGES = '"messages":[{"role":"user","content":"hi","cache_hint":{"ttl":60}}]';

test('unknown fields, numbers beyond 2^53 and formatting reach the provider byte for byte', async () => {
  const body = `{"model":"plain",${MESSAGES}, "seed": 12345678901234567890,  "brand_new": {"a":[1.0,2e3]},"temperature":0.70}`;
  const answer = await chat(target, body);
  expect(answer.status).toBe(200);
  expect(provider.requests.at(-1)?.body).toBe(body.replace('"plain"', '"gpt-x"'));
});

test('unknown fields of the provider’s answer reach the client byte for byte', async () => {
  const answer = await chat(target, `{"model":"plain",${MESSAGES}}`);
  expect(answer.text).toBe(ANSWER.replace('12345678901234567890', '3'));
});

test('a field that the provider can’t take is refused by name', async () => {
  const sent = provider.requests.length;
  const answer = await chat(target, `{"model":"claude",${MESSAGES},"logit_bias":{"1":2}}`);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 'unsupported_parameter', param: 'logit_bias' });
  expect(provider.requests).toHaveLength(sent);
});

test('the same field is dropped where drop_params says so, and the others still arrive', async () => {
  await chat(target, `{"model":"claude-dropping",${MESSAGES},"logit_bias":{"1":2},"brand_new":{"x":1}}`);
  const sent = JSON.parse(provider.requests.at(-1)?.body ?? '{}');
  expect(sent).not.toHaveProperty('logit_bias');
  expect(sent.brand_new).toEqual({ x: 1 });
});
