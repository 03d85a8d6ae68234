import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { createKey, get } from '../support/books.ts';

/** What the gateway says of its models, and what it counts without calling anybody. */
let headrace: RunningHeadrace;

beforeAll(async () => {
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: planner
    litellm_params: { model: openai/gpt-4o, api_key: sk-very-secret, api_base: "https://user:hidden@gateway.example/v1?token=hidden", rpm: 100 }
    model_info: { id: d-planner, max_input_tokens: 128000, max_output_tokens: 16384, supports_vision: true, team: red }
  - model_name: planner
    litellm_params: { model: openai/gpt-4o-mini, api_key: os.environ/OTHER_KEY, rpm: 50 }
  - model_name: unknown-price
    litellm_params: { model: hosted_vllm/my-own, api_base: "http://127.0.0.1:9/v1" }
  - model_name: texts
    litellm_params: { model: openai/text-embedding-3-small, api_key: sk-very-secret }
  - model_name: priced
    litellm_params: { model: openai/priced, api_key: sk-very-secret, input_cost_per_token: 0.0000015, output_cost_per_token: 0.000002 }
`,
  });
});
afterAll(() => headrace.stop());

const json = async (path: string, key?: string) => {
  const answer = await get(headrace, path, key);
  return { status: answer.status, body: (await answer.json()) as Record<string, never> & { data: Record<string, unknown>[] } };
};

describe('GET /v1/models', () => {
  test('tells what each can do and costs, and null where it does not know', async () => {
    const { body } = await json('/v1/models');
    const byId = Object.fromEntries(body.data.map((entry) => [entry['id'], entry]));
    expect(byId['planner']).toMatchObject({
      object: 'model',
      mode: 'chat',
      max_input_tokens: 128_000,
      max_output_tokens: 16_384,
      supports_vision: true,
      input_cost_per_token: '0.0000025',
      output_cost_per_token: '0.00001',
      price_source: 'catalogue',
    });
    expect(byId['unknown-price']).toMatchObject({ input_cost_per_token: null, output_cost_per_token: null, price_source: 'unknown' });
    expect(byId['texts']).toMatchObject({ mode: 'embedding', max_input_tokens: null });
    expect(byId['priced']).toMatchObject({ input_cost_per_token: '0.0000015', price_source: 'config' });
  });
});

describe('GET /model/info', () => {
  test.each(['/model/info', '/v1/model/info'])('%s shows deployments, and no secret', async (path) => {
    const { status, body } = await json(path);
    expect(status).toBe(200);
    expect(body.data).toHaveLength(5);
    expect(body.data[0]).toMatchObject({
      model_name: 'planner',
      litellm_params: { model: 'openai/gpt-4o', api_base: 'https://gateway.example/v1', rpm: 100 },
      model_info: { id: 'd-planner', mode: 'chat', input_cost_per_token: 0.0000025, supports_vision: true, team: 'red' },
    });
    expect(JSON.stringify(body)).not.toMatch(/sk-very-secret|hidden|OTHER_KEY/);
  });

  test('shows a key its own models alone, without their addresses', async () => {
    const key = await createKey(headrace, { models: ['planner'] });
    const { body } = await json('/model/info', key);
    expect(body.data.map((entry) => entry['model_name'])).toEqual(['planner', 'planner']);
    expect(JSON.stringify(body)).not.toContain('gateway.example');
  });

  test('finds one by its id, and says when there is none', async () => {
    const { body } = await json('/model/info?litellm_model_id=d-planner');
    expect(body.data).toHaveLength(1);
    expect((await json('/model/info?litellm_model_id=nobody')).status).toBe(404);
  });

  test('wants a key', async () => {
    expect((await fetch(new URL('/model/info', headrace.url))).status).toBe(401);
  });
});

test('GET /model_group/info sums a group up', async () => {
  const { body } = await json('/model_group/info?model_group=planner');
  expect(body.data).toMatchObject([
    { model_group: 'planner', providers: ['openai'], mode: 'chat', rpm: 150, tpm: null, input_cost_per_token: 0.0000025 },
  ]);
});

describe('POST /utils/token_counter', () => {
  const count = async (body: unknown, key = headrace.masterKey) => {
    const answer = await fetch(new URL('/utils/token_counter', headrace.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('counts a prompt and messages', async () => {
    const prompt = await count({ model: 'planner', prompt: 'hello' });
    expect(prompt.body).toEqual({
      total_tokens: 1,
      request_model: 'planner',
      model_used: 'gpt-4o',
      tokenizer_type: 'o200k_base',
      image_tokens: 0,
      estimated: false,
    });
    // role and text, three for the message and three for the answer's beginning
    expect((await count({ model: 'planner', messages: [{ role: 'user', content: 'hello' }] })).body).toMatchObject({ total_tokens: 8 });
  });

  test('estimates pictures by their size, and says so', async () => {
    const content = [
      { type: 'text', text: 'hello' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'image_url', image_url: { url: 'https://example.com/b.png', detail: 'low' } },
    ];
    const answer = await count({ model: 'planner', messages: [{ role: 'user', content }] });
    expect(answer.body).toMatchObject({ total_tokens: 8 + 765 + 85, image_tokens: 850, estimated: true });
  });

  test('marks models that count otherwise', async () => {
    expect((await count({ model: 'unknown-price', prompt: 'hello' })).body).toMatchObject({ estimated: true, model_used: 'my-own' });
  });

  test.each<[string, unknown, number, string]>([
    ['without a model', { prompt: 'x' }, 400, 'model'],
    ['without anything to count', { model: 'planner' }, 400, 'messages'],
    ['with messages that are none', { model: 'planner', messages: 'x' }, 400, 'messages'],
  ])('%s is a clear 400', async (_what, body, status, param) => {
    expect(await count(body)).toMatchObject({ status, body: { error: { code: 'invalid_request', param } } });
  });

  test('is for models the key may use', async () => {
    const key = await createKey(headrace, { models: ['priced'] });
    expect((await count({ model: 'planner', prompt: 'x' }, key)).status).toBe(403);
  });
});
