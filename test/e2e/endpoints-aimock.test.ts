import { LLMock } from '@copilotkit/aimock';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';

/** The endpoints beside conversations with both ends written by others: OpenAI's SDK, and a simulator of the providers. */
let mock: LLMock;
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  const at = (model: string, base: string) => `{ model: ${model}, api_base: "${mock.url}${base}", api_key: sk-1 }`;
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: openai, litellm_params: ${at('openai/some-model', '/v1')} }
  - { model_name: cohere, litellm_params: ${at('cohere/embed-v4.0', '')} }
  - { model_name: gemini, litellm_params: ${at('gemini/imagen-4.0-generate-001', '')} }
router_settings: { num_retries: 0 }
`,
  });
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: headrace.masterKey, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  await mock.stop();
});
beforeEach(() => {
  mock.reset();
});

const VECTOR = [0.25, -0.5, 1];

describe('embeddings', () => {
  test.each([
    ['openai', '/v1/embeddings'],
    ['cohere', '/v2/embed'],
  ])('of %s', async (model, path) => {
    mock.onEmbedding('hello', { embedding: VECTOR });
    const answer = await client.embeddings.create({ model, input: ['hello', 'hello again'] });
    expect(answer.data).toEqual([
      { object: 'embedding', index: 0, embedding: VECTOR },
      { object: 'embedding', index: 1, embedding: VECTOR },
    ]);
    expect(mock.getLastRequest()?.path).toBe(path);
  });
});

test.each([
  ['openai', '/v1/images/generations'],
  ['gemini', '/v1beta/models/imagen-4.0-generate-001:predict'],
])('images of %s', async (model, path) => {
  mock.onImage('kitten', { images: [{ b64Json: 'AAAA' }, { b64Json: 'BBBB' }] });
  const answer = await client.images.generate({ model, prompt: 'a kitten', n: 2 });
  expect(answer.data?.map((one) => one.b64_json)).toEqual(['AAAA', 'BBBB']);
  expect(mock.getLastRequest()?.path).toBe(path);
});

test('speech', async () => {
  mock.onSpeech('hello', { audio: Buffer.from('sound').toString('base64'), format: 'opus' });
  const answer = await client.audio.speech.create({ model: 'openai', voice: 'alloy', input: 'hello' });
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['audio/opus', 'sound']);
});

test('transcriptions and translations', async () => {
  mock.onTranscription({ transcription: { text: 'heard', duration: 4 } });
  mock.onTranslation({ transcription: { text: 'translated' } });
  const file = await toFile(Buffer.from('RIFF'), 'a.wav');
  expect(await client.audio.transcriptions.create({ model: 'openai', file })).toMatchObject({ text: 'heard' });
  expect(await client.audio.transcriptions.create({ model: 'openai', file, response_format: 'verbose_json' })).toMatchObject({
    duration: 4,
  });
  expect(await client.audio.translations.create({ model: 'openai', file })).toMatchObject({ text: 'translated' });
});

test('moderations', async () => {
  mock.onModerate('bad', { flagged: true, categories: { violence: true }, category_scores: { violence: 0.9 } });
  const answer = await client.moderations.create({ model: 'openai', input: 'something bad' });
  expect(answer.results[0]).toMatchObject({ flagged: true });
});

test('rerank of Cohere', async () => {
  mock.onRerank('water', [{ index: 1, relevance_score: 0.8 }]);
  const answer = await fetch(`${headrace.url}/v1/rerank`, {
    method: 'POST',
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'cohere', query: 'water', documents: ['fire', 'rain'], return_documents: true }),
  });
  expect(await answer.json()).toMatchObject({ results: [{ index: 1, relevance_score: 0.8, document: { text: 'rain' } }] });
  expect(mock.getLastRequest()?.path).toBe('/v2/rerank');
});

test('what a provider does not do is a clear 400', async () => {
  await expect(client.audio.speech.create({ model: 'cohere', voice: 'a', input: 'x' })).rejects.toMatchObject({
    status: 400,
    code: 'operation_not_supported',
  });
});
