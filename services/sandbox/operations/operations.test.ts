import { describe, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { embed } from './embeddings.ts';
import { drawPng } from './png.ts';
import { heardText, speak, wavFile } from './wav.ts';

const post = (sandbox: TestSandbox, path: string, body: object): Promise<Response> =>
  fetch(`${sandbox.url}/v1/${path}`, { method: 'POST', body: JSON.stringify(body) });

function form(fields: Readonly<Record<string, string>>, file?: Blob): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  if (file !== undefined) data.set('file', file, 'a.wav');
  return data;
}

const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe('an embedding', () => {
  test('is the same for the same text, of length 1, and near for texts that share words', () => {
    const [one, same, near, far] = ['water runs down', 'water runs down', 'water runs up', 'fire burns'].map((text) =>
      embed(text.split(' '), 256),
    );
    expect(one).toEqual(same);
    expect(cosine(one!, one!)).toBeCloseTo(1, 5);
    expect(cosine(one!, near!)).toBeGreaterThan(cosine(one!, far!) + 0.3);
  });
});

describe('the meter', () => {
  test('has what each operation costs beside tokens', async () => {
    const sandbox = await startTestSandbox();
    await post(sandbox, 'embeddings', { model: 'embed', input: 'one two three' });
    await post(sandbox, 'images/generations', { model: 'image', prompt: 'one two', n: 2 });
    await (await post(sandbox, 'audio/speech', { model: 'speech', input: 'Zoë!', voice: 'a' })).arrayBuffer();
    await post(sandbox, 'rerank', { model: 'rerank', query: 'a', documents: ['a'] });
    await post(sandbox, 'moderations', { model: 'moderate', input: 'a' });
    await fetch(`${sandbox.url}/v1/audio/transcriptions`, {
      method: 'POST',
      body: form({ model: 'transcribe' }, new Blob(['x'.repeat(16_000)])),
    });
    expect(sandbox.meter.read()).toMatchObject({
      requests: 6,
      completed: 6,
      promptTokens: 5,
      completionTokens: 200,
      images: 2,
      characters: 4,
      searchUnits: 1,
      audioSeconds: 1,
    });
  });

  test('does not bill what was refused', async () => {
    const sandbox = await startTestSandbox();
    await post(sandbox, 'embeddings', { model: 'error-503', input: 'a' });
    await post(sandbox, 'embeddings', { model: 'embed' });
    expect(sandbox.meter.read()).toMatchObject({ requests: 2, refused: 2, promptTokens: 0 });
  });
});

describe('a request that can’t be served', () => {
  test.each<[string, string, object, number, string | null]>([
    ['of another operation’s model', 'embeddings', { model: 'speech', input: 'a' }, 404, 'model'],
    ['without a model', 'embeddings', { input: 'a' }, 400, 'model'],
    ['without input', 'embeddings', { model: 'embed' }, 400, 'input'],
    ['with too many dimensions', 'embeddings', { model: 'embed', input: 'a', dimensions: 1e9 }, 400, 'dimensions'],
    ['without a prompt', 'images/generations', { model: 'image' }, 400, 'prompt'],
    ['with an odd size', 'images/generations', { model: 'image', prompt: 'a', size: 'huge' }, 400, 'size'],
    ['with too many pictures', 'images/generations', { model: 'image', prompt: 'a', n: 99 }, 400, 'n'],
    ['without a voice', 'audio/speech', { model: 'speech', input: 'a' }, 400, 'voice'],
    ['without a query', 'rerank', { model: 'rerank', documents: ['a'] }, 400, 'query'],
    ['with a wrong instruction', 'rerank', { model: 'rerank', sandbox: { typo: 1 } }, 400, 'sandbox.typo'],
    ['told to fail', 'embeddings', { model: 'embed', input: 'a', sandbox: { status: 529, error_message: 'busy' } }, 529, null],
  ])('%s is told so', async (_what, path, body, status, param) => {
    const answer = await post(await startTestSandbox(), path, body);
    expect([answer.status, await answer.json()]).toEqual([status, { error: expect.objectContaining({ param }) }]);
  });

  test('as a form is told so too', async () => {
    const { url } = await startTestSandbox();
    const send = (body: FormData) => fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body });
    expect((await send(form({ model: 'transcribe' }))).status).toBe(400);
    expect((await send(form({ model: 'transcribe', response_format: 'pdf' }, new Blob(['x'])))).status).toBe(400);
    const broken = { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\n' };
    expect((await fetch(`${url}/v1/audio/transcriptions`, broken)).status).toBe(400);
  });
});

describe('sound', () => {
  test('is a WAV file as long as its text, and holds it', () => {
    const spoken = speak('Wasser 😀');
    const file = wavFile('Wasser 😀', spoken);
    expect(spoken.seconds).toBeCloseTo(0.4, 3);
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect(file.readUInt32LE(40)).toBe(spoken.samples.length);
    expect(heardText(file.subarray(-200))).toBe('Wasser 😀');
  });

  test.each([[''], ['INFOICMT'], ['xxxxxxxxINFOICMT\xff\xff\xff\xff']])('of others holds no text: %j', (tail) => {
    expect(heardText(Buffer.from(tail, 'latin1'))).toBeUndefined();
  });
});

test('a picture is a PNG of its size, the same for the same text', () => {
  const png = drawPng('a', 3, 2);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]);
  expect(drawPng('a', 3, 2)).toEqual(png);
  expect(drawPng('b', 3, 2)).not.toEqual(png);
});
