import type http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type HeadraceOptions, type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { checkSettingsForAll, FOR_ALL_REQUESTS } from '../support/settings-for-all.ts';
import { type ProviderRequest, type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** LiteLLM configurations as people have them; only keys and hosts are the test's. */
let provider: ScriptedProvider;
/** Keys whose owner is told that the provider is overloaded. */
const overloaded = new Set<string>();

beforeAll(async () => {
  provider = await startScriptedProvider(answerAsProvider);
});
afterAll(() => provider.close());

const INPUT_TOKENS = 1_000;
const OUTPUT_TOKENS = 500;

/** Speaks Anthropic on Anthropic's path and OpenAI on all others; answers with the model's name. */
function answerAsProvider(request: ProviderRequest, response: http.ServerResponse): void {
  const isAnthropic = request.path.endsWith('/messages');
  const { model } = JSON.parse(request.body.toString()) as { model: string };
  response.setHeader('content-type', 'application/json');
  if (overloaded.has(keyOf(request))) {
    response.statusCode = 529;
    response.end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
  } else response.end(JSON.stringify(isAnthropic ? anthropicAnswer(model) : openaiAnswer(model)));
}

function anthropicAnswer(model: string) {
  const usage = { input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS };
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: model }],
    stop_reason: 'end_turn',
    usage,
  };
}

function openaiAnswer(model: string) {
  const choices = [{ index: 0, message: { role: 'assistant', content: model }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: INPUT_TOKENS, completion_tokens: OUTPUT_TOKENS, total_tokens: INPUT_TOKENS + OUTPUT_TOKENS };
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage };
}

function keyOf(request: ProviderRequest | undefined): string {
  return String(request?.headers['x-api-key'] ?? request?.headers.authorization?.replace('Bearer ', ''));
}

const origin = () => new URL(provider.url).origin;

let headrace: RunningHeadrace | undefined;
afterEach(async () => {
  overloaded.clear();
  await headrace?.stop();
  headrace = undefined;
});

async function start(options: HeadraceOptions): Promise<RunningHeadrace> {
  headrace = await startHeadrace(options);
  return headrace;
}

async function ask(running: RunningHeadrace, model: string, key = running.masterKey, headers = {}): Promise<ChatAnswer> {
  return chat({ url: running.url, key }, { model, messages: [{ role: 'user', content: 'hi' }] }, headers);
}

const contentOf = (answer: ChatAnswer): string => JSON.parse(answer.text).choices[0].message.content;

const AGENTS = () => `
model_list:
  # plans, decides, reviews
  - model_name: agent-planner
    litellm_params:
      model: anthropic/claude-sonnet-4
      api_key: os.environ/ANTHROPIC_API_KEY
      api_base: ${origin()}
    model_info:
      cost_per_token: 0.000003
  # tool calls
  - model_name: agent-executor
    litellm_params:
      model: openai/gpt-4o-mini
      api_key: os.environ/OPENAI_API_KEY
      api_base: ${origin()}/v1
    model_info:
      cost_per_token: 0.00000015
  # runs in the rack next door
  - model_name: agent-summarizer
    litellm_params:
      model: openai/hosted_vllm/llama-3.3-70b
      api_base: ${origin()}/vllm/v1
    model_info:
      cost_per_token: 0.0000001

litellm_settings:
  drop_params: true

general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  database_url: os.environ/DATABASE_URL
`;

test('three agents, each with a model and a price of its own, on a database and with a master key from the environment', async () => {
  const database = await createTestDatabase();
  onTestFinished(async () => {
    await headrace?.stop();
    headrace = undefined;
    await database.remove();
  });
  const env = {
    ANTHROPIC_API_KEY: 'sk-ant-test',
    OPENAI_API_KEY: 'sk-openai-test',
    LITELLM_MASTER_KEY: 'sk-master-1234',
    DATABASE_URL: database.url,
  };
  const running = await start({ config: AGENTS(), env });
  expect(running.masterKey).toBe('sk-master-1234');
  expect(running.output()).toMatch(/the master key \(environment variable LITELLM_MASTER_KEY\) has 14 characters.*guessed/);
  const key = await createKey(running);
  const expected = [
    { model: 'agent-planner', path: '/v1/messages', sent: 'claude-sonnet-4', key: 'sk-ant-test', costUsd: '0.0045' },
    { model: 'agent-executor', path: '/v1/chat/completions', sent: 'gpt-4o-mini', key: 'sk-openai-test', costUsd: '0.000225' },
    { model: 'agent-summarizer', path: '/vllm/v1/chat/completions', sent: 'hosted_vllm/llama-3.3-70b', costUsd: '0.00015' },
  ];
  for (const one of expected) {
    const answer = await ask(running, one.model, key);
    expect([answer.status, contentOf(answer)]).toEqual([200, one.sent]);
    expect(provider.requests.at(-1)?.path).toBe(one.path);
    if (one.key) expect(keyOf(provider.requests.at(-1))).toBe(one.key);
    expect(answer.headers).toMatchObject({
      'x-headrace-cost-usd': one.costUsd,
      'x-litellm-response-cost': one.costUsd,
      'x-litellm-model-group': one.model,
    });
    const row = await waitFor(async () => (await ledgerRows(running, String(answer.headers['x-headrace-job-id'])))[0], {
      what: 'the ledger row',
    });
    expect(row).toMatchObject({
      model_group: one.model,
      spend: Number(one.costUsd),
      headrace: { cost: { total_usd: one.costUsd, price_source: 'config' } },
    });
  }
  const models = (await (await get(running, '/v1/models', key)).json()) as { data: { id: string }[] };
  expect(models.data.map(({ id }) => id)).toEqual(expected.map(({ model }) => model));
});

const GROUP = () => `
model_list:
  - model_name: agent-planner
    litellm_params:
      model: anthropic/claude-sonnet-4
      api_key: os.environ/ANTHROPIC_KEY_1
      api_base: ${origin()}
  - model_name: agent-planner
    litellm_params:
      model: anthropic/claude-sonnet-4
      api_key: os.environ/ANTHROPIC_KEY_2
      api_base: ${origin()}
  - model_name: agent-planner-backup
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
      api_base: ${origin()}/v1

router_settings:
  num_retries: 2
  retry_after: 5
  allowed_fails: 3
  cooldown_time: 30
  fallbacks: [{"agent-planner": ["agent-planner-backup"]}]
`;
const GROUP_ENV = { ANTHROPIC_KEY_1: 'sk-ant-1', ANTHROPIC_KEY_2: 'sk-ant-2', OPENAI_API_KEY: 'sk-openai-test' };

describe('two keys as one group, and a backup group', () => {
  test('both keys are used; when one is overloaded the other serves; when both are, the backup does', async () => {
    const running = await start({ config: GROUP(), env: GROUP_ENV });
    const before = provider.requests.length;
    await Promise.all(Array.from({ length: 30 }, () => ask(running, 'agent-planner')));
    expect(new Set(provider.requests.slice(before).map(keyOf))).toEqual(new Set(['sk-ant-1', 'sk-ant-2']));

    overloaded.add('sk-ant-1');
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(running, 'agent-planner')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(answers.every((answer) => contentOf(answer) === 'claude-sonnet-4')).toBe(true);

    overloaded.add('sk-ant-2');
    const fallen = await ask(running, 'agent-planner');
    expect([fallen.status, contentOf(fallen)]).toEqual([200, 'gpt-4o']);
    expect(fallen.headers).toMatchObject({
      'x-headrace-attempts': '4',
      'x-headrace-previous-error': 'upstream_overloaded',
      'x-litellm-attempted-fallbacks': '1',
      'x-headrace-fallback': 'agent-planner-backup',
      'x-litellm-attempted-retries': '0',
      'x-litellm-model-group': 'agent-planner-backup',
    });
    const rows = await waitFor(
      async () => {
        const found = await ledgerRows(running, String(fallen.headers['x-headrace-job-id']));
        return found.length === 4 && found;
      },
      { what: 'all attempts in the ledger' },
    );
    expect(rows.map((row) => row.status)).toEqual(['failure', 'failure', 'failure', 'success']);

    overloaded.add('sk-openai-test');
    // less time than the 5 s that retry_after keeps between two tries of one deployment
    const refused = await ask(running, 'agent-planner-backup', running.masterKey, { 'x-headrace-deadline-ms': '3000' });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, 'upstream_overloaded']);
  });
});

test('wildcards, variables that the file sets itself, and settings for all requests', async () => {
  const config = `
environment_variables:
  MY_HOST: ${origin()}/v1
  OPENAI_API_KEY: sk-from-the-file

model_list:
  - model_name: "openai/*"
    litellm_params:
      model: "openai/*"
      api_base: os.environ/MY_HOST
      api_key: os.environ/OPENAI_API_KEY
  - model_name: "claude-*"
    litellm_params:
      model: "anthropic/claude-*"
      api_base: ${origin()}
      api_key: os.environ/CLAUDE_KEY
${FOR_ALL_REQUESTS}`;
  const running = await start({ config, env: { CLAUDE_KEY: 'sk-ant-test' } });
  await checkSettingsForAll(running);
  for (const [model, sent, key] of [
    ['openai/gpt-4o', 'gpt-4o', 'sk-from-the-file'],
    ['openai/o4-mini', 'o4-mini', 'sk-from-the-file'],
    ['claude-haiku-4-5', 'claude-haiku-4-5', 'sk-ant-test'],
  ] as const) {
    const answer = await ask(running, model);
    expect([answer.status, contentOf(answer), keyOf(provider.requests.at(-1))]).toEqual([200, sent, key]);
  }
  expect((await ask(running, 'mistral/large')).status).toBe(404);
  const priced = await ask(running, 'openai/gpt-4o-mini');
  // the catalogue's $0.15 and $0.60 for a million
  expect(priced.headers['x-headrace-cost-usd']).toBe('0.00045');
});

test('a missing variable and a fallback to a group there is not: the start warns, and a request to that model says what to do', async () => {
  const config = `
model_list:
  - model_name: complete
    litellm_params: { model: openai/gpt-4o, api_base: "${origin()}/v1", api_key: sk-literal }
  - model_name: incomplete
    litellm_params: { model: anthropic/claude-sonnet-4, api_key: os.environ/NOT_SET_ANYWHERE }
router_settings:
  fallbacks: [{ incomplete: [complet] }]
`;
  const running = await start({ config });
  expect(running.output()).toContain('NOT_SET_ANYWHERE');
  expect(running.output()).toMatch(/"complet".*did you mean "complete"/);
  expect((await ask(running, 'complete')).status).toBe(200);
  const refused = await ask(running, 'incomplete');
  expect(refused.status).toBe(502);
  expect(JSON.parse(refused.text).error).toMatchObject({ code: 'upstream_auth', message: expect.stringMatching(/key/i) });
});

describe('a file that can’t be right stops the start with its place and the fix, without a stack trace', () => {
  const GOOD = '  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n';

  test.each([
    ['a misspelt section', `model_lst:\n${GOOD}`, [/config\.yaml:1\b/, /model_lst/, /model_list/]],
    [
      'a misspelt field',
      `model_list:\n  - model_nam: m\n    litellm_params:\n      model: openai/gpt-4o\n`,
      [/config\.yaml:2\b/, /model_nam\b/, /model_name/],
    ],
    ['a number that is none', `model_list:\n${GOOD}      rpm: many\n`, [/config\.yaml:5\b/, /rpm/]],
    [
      'a provider nobody knows',
      `model_list:\n  - model_name: m\n    litellm_params:\n      model: opneai/gpt-4o\n`,
      [/config\.yaml:4\b/, /opneai/, /openai/],
    ],
    ['broken YAML', 'model_list:\n  - model_name: "m\n', [/config\.yaml:\d/]],
  ])('%s', async (_name, config, says) => {
    const error = await start({ config }).then(
      () => new Error('it started'),
      (reason: Error) => reason,
    );
    for (const pattern of [/ended with code 1/, ...says]) expect(error.message).toMatch(pattern);
    expect(error.message).not.toMatch(/^\s+at /m);
  });
});
