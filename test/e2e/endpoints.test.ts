import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows, type LedgerRow } from '../support/books.ts';

/** Every endpoint beside conversations, by the stock `openai` package and by plain HTTP, against the built-in provider. */
let headrace: RunningHeadrace;
let client: OpenAI;
let key: string;

beforeAll(async () => {
  headrace = await startHeadrace();
  key = await createKey(headrace);
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: key, maxRetries: 0 });
});
afterAll(() => headrace.stop());

async function ledgerRow(response: Response): Promise<LedgerRow> {
  const jobId = response.headers.get('x-headrace-job-id') ?? '';
  const rows = await waitFor(
    async () => {
      const found = await ledgerRows(headrace, jobId);
      return found.length > 0 && found;
    },
    { what: 'the ledger row' },
  );
  expect(rows).toHaveLength(1);
  return rows[0] as LedgerRow;
}

const post = (path: string, body: object | FormData): Promise<Response> =>
  fetch(new URL(path, headrace.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }) },
    body: body instanceof FormData ? body : JSON.stringify(body),
  });

describe('embeddings', () => {
  test('come as numbers, however the SDK asks for them', async () => {
    const { data, response } = await client.embeddings.create({ model: 'sandbox/embed', input: ['hello there', 'hello'] }).withResponse();
    expect(data.data.map((one) => one.embedding.length)).toEqual([256, 256]);
    expect(data.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    const floats = await client.embeddings.create({ model: 'sandbox/embed', input: 'hello there', encoding_format: 'float' });
    expect(floats.data[0]?.embedding[0]).toBeCloseTo(data.data[0]?.embedding[0] ?? NaN, 6);
    expect(response.headers.get('x-headrace-cost-usd')).toBe('0.00000045');
    expect(await ledgerRow(response)).toMatchObject({
      status: 'success',
      prompt_tokens: 3,
      completion_tokens: 0,
      headrace: { route: '/v1/embeddings' },
    });
  });

  test('of token numbers and of a given length', async () => {
    const answer = await client.embeddings.create({ model: 'sandbox/embed', input: [[1, 2, 3], [4]], dimensions: 8 });
    expect(answer.data.map((one) => one.embedding.length)).toEqual([8, 8]);
    expect(answer.usage.prompt_tokens).toBe(4);
  });
});

const PNG_START = 'iVBORw0KGgo';
const picture = () => toFile(Buffer.from(`${PNG_START}AAAA`, 'base64'), 'kitten.png', { type: 'image/png' });

describe('images', () => {
  test('are made and metered', async () => {
    const { data, response } = await client.images
      .generate({ model: 'sandbox/image', prompt: 'a red kitten', n: 2, size: '1024x1024' })
      .withResponse();
    expect(data.data?.map((one) => one.b64_json?.startsWith(PNG_START))).toEqual([true, true]);
    expect(data.usage).toMatchObject({ input_tokens: 3, output_tokens: 200 });
    expect(await ledgerRow(response)).toMatchObject({
      prompt_tokens: 3,
      completion_tokens: 200,
      headrace: { route: '/v1/images/generations' },
    });
  });

  test('are edited, from one file or several', async () => {
    const one = await client.images.edit({ model: 'sandbox/image', image: await picture(), prompt: 'blue' }).withResponse();
    expect(one.data.usage).toMatchObject({ input_tokens: 101, output_tokens: 100 });
    expect(await ledgerRow(one.response)).toMatchObject({ prompt_tokens: 101, headrace: { route: '/v1/images/edits' } });
    const several = await client.images.edit({ model: 'sandbox/image', image: [await picture(), await picture()], prompt: 'blue' });
    expect(several.usage).toMatchObject({ input_tokens: 201 });
  });

  test('stream with partial pictures, to a complete one', async () => {
    const stream = await client.images.generate({ model: 'sandbox/image', prompt: 'a red kitten', stream: true, partial_images: 2 });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.partial_image', 'image_generation.completed']);
  });
});

describe('audio', () => {
  const say = async (input: string) => {
    const response = await client.audio.speech.create({ model: 'sandbox/speech', voice: 'alloy', input, response_format: 'wav' });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const recording = async (text: string) => toFile((await say(text)).bytes, 'said.wav', { type: 'audio/wav' });

  test('speech arrives as sound, in its own type', async () => {
    const { response, bytes } = await say('Wasser fließt bergab.');
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(await ledgerRow(response)).toMatchObject({
      status: 'success',
      headrace: { route: '/v1/audio/speech', tokens: { estimated: false } },
    });
  });

  test('speech of two minutes arrives whole', async () => {
    const { bytes } = await say('x'.repeat(4_000));
    expect(bytes.length).toBeGreaterThan(3_000_000);
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  });

  test('speech as events ends with its usage', async () => {
    const response = await post('/v1/audio/speech', { model: 'sandbox/speech', voice: 'a', input: 'one two', stream_format: 'sse' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toMatch(/"type":"speech.audio.done","usage":\{"input_tokens":2[^\n]+\n\n$/);
    expect(await ledgerRow(response)).toMatchObject({ prompt_tokens: 2, completion_tokens: 7 });
  });

  test('what was said is heard again, in every format', async () => {
    const file = await recording('The headrace is full.');
    const model = 'sandbox/transcribe';
    const { data, response } = await client.audio.transcriptions.create({ model, file }).withResponse();
    expect(data.text).toBe('The headrace is full.');
    expect(await ledgerRow(response)).toMatchObject({ status: 'success', headrace: { tokens: { estimated: false } } });
    const text = await client.audio.transcriptions.create({ model, file, response_format: 'text' });
    expect(text).toBe('The headrace is full.\n');
    const srt = await client.audio.transcriptions.create({ model, file, response_format: 'srt' }).asResponse();
    expect(srt.headers.get('content-type')).toContain('text/plain');
    expect(await srt.text()).toMatch(/^1\n00:00:00,000 --> 00:00:01,\d{3}\nThe headrace is full/);
    const vtt = await client.audio.transcriptions.create({ model, file, response_format: 'vtt' });
    expect(vtt).toMatch(/^WEBVTT/);
    const verbose = await client.audio.transcriptions.create({ model, file, response_format: 'verbose_json' });
    expect(verbose).toMatchObject({ text: 'The headrace is full.', duration: expect.any(Number) });
  });

  test('a transcript streams', async () => {
    const stream = await client.audio.transcriptions.create({
      model: 'sandbox/transcribe',
      file: await recording('one two three'),
      stream: true,
    });
    let text = '';
    let last: string | undefined;
    for await (const event of stream) {
      if (event.type === 'transcript.text.delta') text += event.delta;
      last = event.type;
    }
    expect([text, last]).toEqual(['one two three', 'transcript.text.done']);
  });

  test('a translation is made', async () => {
    const answer = await client.audio.translations.create({ model: 'sandbox/transcribe', file: await recording('Guten Tag') });
    expect(answer.text).toBe('In English: Guten Tag');
  });
});

describe('moderations', () => {
  test('tell what is flagged', async () => {
    const { data, response } = await client.moderations
      .create({ model: 'sandbox/moderate', input: ['nice', 'I will kill it'] })
      .withResponse();
    expect(data.results.map((one) => one.flagged)).toEqual([false, true]);
    expect(await ledgerRow(response)).toMatchObject({ status: 'success', prompt_tokens: 0, completion_tokens: 0 });
  });

  test('without a model ask for OpenAI’s own, which is not configured here', async () => {
    const response = await post('/v1/moderations', { input: 'nice' });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('omni-moderation-latest')]);
  });
});

describe('rerank', () => {
  const body = { model: 'sandbox/rerank', query: 'water runs', documents: ['fire burns', { text: 'water runs down' }, 'water'] };

  test.each(['/v1/rerank', '/rerank', '/v2/rerank'])('at %s puts the best first', async (path) => {
    const response = await post(path, { ...body, top_n: 2, return_documents: true });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      results: [
        { index: 1, relevance_score: 1, document: { text: 'water runs down' } },
        { index: 2, relevance_score: 0.5 },
      ],
      meta: { billed_units: { search_units: 1 } },
    });
    expect(await ledgerRow(response)).toMatchObject({ status: 'success', headrace: { route: '/v1/rerank' } });
  });
});

describe('the provider’s own errors', () => {
  test.each<[string, string, object]>([
    ['embeddings', '/v1/embeddings', { input: 'x' }],
    ['speech', '/v1/audio/speech', { input: 'x', voice: 'a' }],
    ['rerank', '/v1/rerank', { query: 'x', documents: ['y'] }],
    ['images', '/v1/images/generations', { prompt: 'x' }],
  ])('%s: arrive as JSON before anything else', async (_what, path, fields) => {
    const response = await post(path, { model: 'sandbox/error-429', ...fields });
    expect(response.status).toBe(429);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_rate_limited' } });
  });

  test('sound that breaks off cuts the connection: it never ends cleanly', async () => {
    const sandbox = { fail: { kind: 'close', after_tokens: 1 } };
    const response = await post('/v1/audio/speech', { model: 'sandbox/speech', voice: 'a', input: 'x'.repeat(2_000), sandbox });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow('terminated');
  });
});
