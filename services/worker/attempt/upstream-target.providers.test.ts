import { describe, expect, it } from 'vitest';
import type { Deployment, SecretRef } from '#config';
import type { ClientDialect } from '#contracts';
import { openExchange } from '#dialects';
import { findProvider, PROVIDERS } from '#providers';
import { createTargetResolver, type UpstreamTarget } from './upstream-target.ts';

type Texts = Readonly<Record<string, string>>;

interface Call {
  readonly settings?: Texts;
  readonly env?: Texts;
  readonly base?: string;
  /** False: none is given. */
  readonly key?: false;
  readonly client?: ClientDialect;
  readonly stream?: boolean;
}

const BODIES: Partial<Record<ClientDialect, object>> = {
  'openai-responses': { model: 'm', input: 'hi' },
  'anthropic-messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  'openai-embeddings': { model: 'm', input: 'hi' },
};
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

function targetOf(model: string, call: Call): UpstreamTarget {
  const slash = model.indexOf('/');
  const literal = (text: string): SecretRef => ({ literal: text });
  const deployment = {
    id: 'd1',
    modelGroup: 'group',
    provider: model.slice(0, slash),
    upstreamModel: model.slice(slash + 1),
    apiBase: call.base === undefined ? undefined : literal(call.base),
    apiKey: call.key === false ? undefined : literal('KEY'),
    extraHeaders: {},
    defaultParams: {},
    settings: Object.fromEntries(Object.entries(call.settings ?? {}).map(([name, text]) => [name, literal(text)])),
  } as unknown as Deployment;
  const resolver = createTargetResolver({
    env: call.env ?? {},
    now: () => 1_700_000_000_000,
    fetch: () => Promise.reject(new Error('nobody is asked')),
    readFile: () => {
      throw new Error('no file');
    },
  });
  return resolver(deployment, call.client ?? 'openai-chat');
}

/** The whole address and the headers that let it in, as the worker would send a short request. */
function addressOf(model: string, call: Call): { url: string; headers: Texts } {
  const target = targetOf(model, call);
  const client = call.client ?? 'openai-chat';
  const exchange = openExchange({
    clientDialect: client,
    providerDialect: target.dialect,
    stream: call.stream ?? false,
    body: Buffer.from(JSON.stringify({ ...(BODIES[client] ?? CHAT), ...(call.stream === true ? { stream: true } : {}) })),
    upstreamModel: target.model,
    defaultParams: target.defaultParams,
    dropParams: true,
    quirks: target.quirks,
    clientHeaders: {},
    createdAt: 0,
    answerId: 'a',
  });
  const { 'accept-encoding': _encoding, ...headers } = target.headers;
  return { url: target.origin + target.pathFor(exchange.path, call.stream ?? false), headers };
}

const BEARER = { authorization: 'Bearer KEY' };
const AZURE = { base: 'https://r.openai.azure.com' };
const VERTEX = { settings: { vertex_project: 'p', vertex_location: 'europe-west1' } };
const VERTEX_PROJECT = 'https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1';

describe('providers with addresses of their own', () => {
  it.each<[string, Call, string, Texts]>([
    ['openai/gpt-5', {}, 'https://api.openai.com/v1/chat/completions', BEARER],
    ['openai/gpt-5', { client: 'openai-responses' }, 'https://api.openai.com/v1/responses', BEARER],
    ['openai/gpt-5', { client: 'openai-responses', base: 'http://10.0.0.1/v1' }, 'http://10.0.0.1/v1/chat/completions', BEARER],
    ['openai/responses/gpt-5', { base: 'http://10.0.0.1/v1' }, 'http://10.0.0.1/v1/responses', BEARER],
    ['anthropic/claude-sonnet-4', {}, 'https://api.anthropic.com/v1/messages', { 'x-api-key': 'KEY' }],
    [
      'azure/gpt-4o',
      AZURE,
      'https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2025-02-01-preview',
      { 'api-key': 'KEY' },
    ],
    [
      'azure/gpt-4o',
      { settings: { azure_resource_name: 'r', api_version: '2024-10-21' }, client: 'openai-embeddings' },
      'https://r.openai.azure.com/openai/deployments/gpt-4o/embeddings?api-version=2024-10-21',
      { 'api-key': 'KEY' },
    ],
    [
      'azure/gpt-4o',
      { base: 'https://r.openai.azure.com/openai/deployments/other/chat/completions?api-version=2023-05-15' },
      'https://r.openai.azure.com/openai/deployments/other/chat/completions?api-version=2023-05-15',
      { 'api-key': 'KEY' },
    ],
    [
      'azure/gpt-4o',
      { base: 'https://r.openai.azure.com/openai/v1/' },
      'https://r.openai.azure.com/openai/v1/chat/completions',
      { 'api-key': 'KEY' },
    ],
    [
      'azure/gpt-4o',
      { ...AZURE, settings: { api_version: 'v1' } },
      'https://r.openai.azure.com/openai/v1/chat/completions',
      { 'api-key': 'KEY' },
    ],
    ['azure/gpt-5', { ...AZURE, client: 'openai-responses' }, 'https://r.openai.azure.com/openai/v1/responses', { 'api-key': 'KEY' }],
    [
      'azure/gpt-4o',
      { ...AZURE, key: false, settings: { azure_ad_token: 'TOKEN', api_version: 'v1' } },
      'https://r.openai.azure.com/openai/v1/chat/completions',
      { authorization: 'Bearer TOKEN' },
    ],
    [
      'azure_ai/phi-4',
      { settings: { azure_resource_name: 'r' } },
      'https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
      { 'api-key': 'KEY' },
    ],
    ['azure_ai/phi-4', { base: 'https://e.eastus2.models.ai.azure.com' }, 'https://e.eastus2.models.ai.azure.com/chat/completions', BEARER],
    [
      'azure_ai/claude-sonnet-4-5',
      { base: 'https://r.services.ai.azure.com' },
      'https://r.services.ai.azure.com/anthropic/v1/messages',
      { 'api-key': 'KEY' },
    ],
    [
      'gemini/gemini-2.5-pro',
      {},
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent',
      { 'x-goog-api-key': 'KEY' },
    ],
    [
      'gemini/gemini-2.5-pro',
      { stream: true, base: 'https://upstream.example/v1beta' },
      'https://upstream.example/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
      { 'x-goog-api-key': 'KEY' },
    ],
    [
      'vertex_ai/gemini-2.5-pro',
      { ...VERTEX, stream: true },
      'https://europe-west1-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
      BEARER,
    ],
    [
      'vertex_ai/gemini-2.5-pro',
      { settings: { vertex_project: 'p', vertex_location: 'global' } },
      'https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google/models/gemini-2.5-pro:generateContent',
      BEARER,
    ],
    [
      'vertex_ai/claude-sonnet-4@20250514',
      VERTEX,
      `${VERTEX_PROJECT}/publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict`,
      BEARER,
    ],
    [
      'vertex_ai/claude-sonnet-4@20250514',
      { ...VERTEX, stream: true, client: 'anthropic-messages' },
      `${VERTEX_PROJECT}/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict`,
      BEARER,
    ],
    ['vertex_ai/meta/llama-4-maverick-17b-128e-instruct-maas', VERTEX, `${VERTEX_PROJECT}/endpoints/openapi/chat/completions`, BEARER],
    [
      'vertex_ai/text-embedding-005',
      { ...VERTEX, client: 'openai-embeddings' },
      `${VERTEX_PROJECT}/publishers/google/models/text-embedding-005:predict`,
      BEARER,
    ],
    [
      'bedrock/anthropic.claude-sonnet-4-20250514-v1:0',
      { settings: { aws_region_name: 'eu-central-1' } },
      'https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-sonnet-4-20250514-v1%3A0/converse',
      BEARER,
    ],
    [
      'bedrock/eu.anthropic.claude-sonnet-4-20250514-v1:0',
      { env: { AWS_REGION: 'eu-central-1' }, client: 'anthropic-messages', stream: true },
      'https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-20250514-v1%3A0/invoke-with-response-stream',
      BEARER,
    ],
    [
      'bedrock/invoke/anthropic.claude-3-haiku-20240307-v1:0',
      { settings: { aws_bedrock_runtime_endpoint: 'https://vpce.example' } },
      'https://vpce.example/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke',
      BEARER,
    ],
    ['cohere_chat/command-a', {}, 'https://api.cohere.com/v2/chat', BEARER],
    ['ollama/llama3.2', { key: false }, 'http://127.0.0.1:11434/api/chat', {}],
    ['ollama/llama3.2', { key: false, env: { OLLAMA_HOST: 'gpu:11434' } }, 'http://gpu:11434/api/chat', {}],
    ['ollama_chat/llama3.2', { key: false, base: 'http://gpu:11434/api' }, 'http://gpu:11434/api/chat', {}],
    [
      'databricks/dbrx',
      { env: { DATABRICKS_HOST: 'w.cloud.databricks.com' } },
      'https://w.cloud.databricks.com/serving-endpoints/chat/completions',
      BEARER,
    ],
    ['databricks/dbrx', { base: 'https://w.example/serving-endpoints' }, 'https://w.example/serving-endpoints/chat/completions', BEARER],
    [
      'cloudflare/@cf/meta/llama-3.1-8b-instruct',
      { settings: { account_id: 'acc' } },
      'https://api.cloudflare.com/client/v4/accounts/acc/ai/v1/chat/completions',
      BEARER,
    ],
    [
      'snowflake/claude-4-sonnet',
      { env: { SNOWFLAKE_ACCOUNT_ID: 'org-acc' } },
      'https://org-acc.snowflakecomputing.com/api/v2/cortex/v1/chat/completions',
      BEARER,
    ],
    [
      'predibase/my-llm',
      { settings: { tenant_id: 't' } },
      'https://serving.app.predibase.com/t/deployments/v2/llms/my-llm/v1/chat/completions',
      BEARER,
    ],
    ['minimax/MiniMax-M2', { client: 'anthropic-messages' }, 'https://api.minimax.io/anthropic/v1/messages', BEARER],
    ['minimax/MiniMax-M2', {}, 'https://api.minimax.io/v1/chat/completions', BEARER],
    ['maritalk/sabia-3', {}, 'https://chat.maritaca.ai/api/chat/completions', { authorization: 'Key KEY' }],
    ['sarvam/sarvam-m', {}, 'https://api.sarvam.ai/v1/chat/completions', { 'api-subscription-key': 'KEY' }],
    [
      'datarobot/x',
      { env: { DATAROBOT_ENDPOINT: 'https://dr.example/api/v2' } },
      'https://dr.example/api/v2/genai/llmgw/chat/completions',
      BEARER,
    ],
    ['voyage/voyage-3', { client: 'openai-embeddings' }, 'https://api.voyageai.com/v1/embeddings', BEARER],
    ['lm_studio/qwen', { key: false }, 'http://127.0.0.1:1234/v1/chat/completions', {}],
  ])('%s %j', (model, call, url, headers) => {
    expect(addressOf(model, call)).toEqual({ url, headers });
  });
});

/** Written in records as `{placeholder}` with nothing to fall back on. */
const SETTINGS: Texts = {
  azure_resource_name: 'r',
  vertex_project: 'p',
  account_id: 'a',
  tenant_id: 't',
  project_id: 'p',
};

describe.each(PROVIDERS.map((provider) => [provider.id] as const))('%s', (id) => {
  const provider = findProvider(id);
  const base = provider?.baseUrl === undefined ? 'https://own.example/v1' : undefined;

  it('has a whole address for a call and a key in one place, or a signature', () => {
    const target = targetOf(`${id}/model`, { settings: SETTINGS, ...(base === undefined ? {} : { base }) });
    const path = target.pathFor('/chat/completions', false);
    expect(target.origin + path).not.toMatch(/[{}]|%7B|undefined/i);
    expect(path.startsWith('/')).toBe(true);
    const carriers = [
      Object.values(target.headers).some((value) => value.includes('KEY')),
      path.includes('KEY'),
      target.authorize !== undefined,
    ];
    expect(carriers.filter(Boolean)).toHaveLength(provider?.auth.kind === 'none' ? 0 : 1);
  });

  it('speaks formats that a conversation can be written in', () => {
    if (provider?.conversations === false) return;
    for (const client of ['openai-chat', 'openai-responses', 'anthropic-messages'] as const) {
      const call: Call = { settings: SETTINGS, client, ...(base === undefined ? {} : { base }) };
      expect(addressOf(`${id}/model`, call).url).toMatch(/^https?:\/\/[^/]+\/./);
    }
  });

  it('refuses to go without a key, unless it needs none or has its own credentials', () => {
    const call = (): UpstreamTarget => targetOf(`${id}/model`, { settings: SETTINGS, key: false, env: envBase(provider?.envBase, base) });
    if (
      provider?.keyOptional === true ||
      provider?.auth.kind === 'none' ||
      provider?.auth.kind === 'google-oauth' ||
      provider?.auth.kind === 'aws'
    ) {
      expect(call).not.toThrow();
    } else expect(call).toThrow(base !== undefined && provider?.envBase === undefined ? /api_base is missing/ : /no API key/);
  });
});

function envBase(names: readonly string[] | undefined, base: string | undefined): Texts {
  const [name] = names ?? [];
  return name === undefined || base === undefined ? {} : { [name]: base };
}
