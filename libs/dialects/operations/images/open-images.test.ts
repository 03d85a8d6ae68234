import { describe, expect, it, test } from 'vitest';
import type { ExchangeInput, ProviderDialect } from '../../exchange.ts';
import { openExchange } from '../../open-exchange.ts';
import { bytesOf, everyCut, formInput, jsonInput, parsed, runStream } from '../test-input.ts';

const REQUEST = { model: 'group', prompt: 'a kitten', n: 2, size: '1024x1024', quality: 'high' };
const open = (provider: ProviderDialect, body: unknown = REQUEST, change: Partial<ExchangeInput> = {}) =>
  openExchange(jsonInput('openai-images', provider, body, change));

const USAGE = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
  output_tokens: 60,
  output_tokens_details: { image_tokens: 60, text_tokens: 0 },
  total_tokens: 110,
};

describe('pictures from a host of the same format', () => {
  it('pass as bytes, metered by tokens, count, size and quality', () => {
    const exchange = open('openai-chat');
    expect([exchange.path, parsed(exchange.body)]).toEqual(['/images/generations', { ...REQUEST, model: 'upstream-model' }]);
    const answer = bytesOf({ created: 1, data: [{ b64_json: 'AA' }, { b64_json: 'BB' }], usage: USAGE });
    const decoded = exchange.decodeAnswer(answer);
    expect(decoded.body).toBe(answer);
    expect(decoded.usage).toMatchObject({
      inputTokens: 50,
      inputImageTokens: 40,
      outputTokens: 60,
      outputImageTokens: 60,
      images: 2,
      imageSize: '1024x1024',
      imageQuality: 'high',
      estimated: false,
    });
  });

  it('are counted where no tokens are stated, and a lost call is estimated by what it asked for', () => {
    const exchange = open('openai-chat');
    expect(exchange.decodeAnswer(bytesOf({ data: [{ url: 'https://example.com' }] })).usage).toMatchObject({ images: 1, inputTokens: 0 });
    expect(exchange.estimateUsage?.()).toMatchObject({ images: 2, imageSize: '1024x1024', estimated: true });
  });

  test.each([
    [{ error: { message: 'no', code: 'moderation_blocked' } }, 'content_policy_violation'],
    [{}, 'upstream_invalid_response'],
  ])('%j fails with %s', (answer, code) => {
    expect(() => open('openai-chat').decodeAnswer(bytesOf(answer))).toThrow(expect.objectContaining({ code }));
  });
});

describe('a stream of pictures', () => {
  const event = (type: string, more: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, b64_json: 'AAAA', ...more })}\n\n`;
  const STREAM =
    event('image_generation.partial_image') + event('image_generation.completed', { usage: USAGE }) + event('image_generation.completed');
  const stream = (body: object = REQUEST) => open('openai-chat', { ...body, stream: true }, { stream: true }).openStream();

  it('is relayed byte for byte, whole after its last picture, wherever it is cut', () => {
    const whole = runStream(stream(), [STREAM]);
    expect(whole).toMatchObject({ text: STREAM, error: undefined, done: true, usage: { images: 2, outputTokens: 60, inputTokens: 50 } });
    for (const chunks of everyCut(Buffer.from(STREAM))) expect(runStream(stream(), chunks)).toEqual(whole);
  });

  it('that closes before its last picture is an error, never an end', () => {
    const events = STREAM.split(/(?<=\n\n)/);
    for (let count = 0; count < events.length - 1; count += 1) {
      expect(runStream(stream(), events.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    for (let cut = 0; cut < STREAM.length - 2; cut += 7) {
      expect(runStream(stream(), [STREAM.slice(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it('with fewer pictures than asked for is whole when the host says so', () => {
    const one = event('image_generation.completed', { usage: USAGE });
    expect(runStream(stream(), [`${one}data: [DONE]\n\n`])).toMatchObject({ error: undefined, done: true });
    expect(runStream(stream(), ['data: [DONE]\n\n'])).toMatchObject({ error: 'upstream_truncated' });
  });

  test.each([
    ['an error event', 'event: error\ndata: {"type":"error","error":{"type":"server_error","message":"x"}}\n\n', 'upstream_error'],
    ['an error object', 'data: {"error":{"message":"slow","code":429}}\n\n', 'upstream_rate_limited'],
    ['no JSON', 'data: {"x\n\n', 'upstream_invalid_response'],
    ['a web page', '<html>\n\n', 'upstream_invalid_response'],
  ])('fails on %s', (_what, text, code) => {
    expect(runStream(stream(), [text])).toMatchObject({ error: code, done: false });
  });
});

describe('edits', () => {
  const file = (name: string) => ({ name, filename: 'a.png', contentType: 'image/png', sizeBytes: 5, head: '' });

  it('of files go out as a form', () => {
    const parts = [file('image[]'), { name: 'prompt', value: 'blue' }, file('image[]'), { name: 'n', value: '3' }];
    const exchange = openExchange(formInput('openai-image-edits', parts));
    expect(exchange.path).toBe('/images/edits');
    expect(exchange.multipart?.filter((piece) => 'fileBytes' in piece)).toHaveLength(2);
    expect(exchange.estimateUsage?.()).toMatchObject({ images: 3 });
  });

  it('of pictures by address go out as JSON', () => {
    const body = { model: 'm', prompt: 'blue', images: [{ image_url: 'https://example.com/a.png' }] };
    const exchange = openExchange(jsonInput('openai-image-edits', 'openai-chat', body));
    expect([exchange.path, parsed(exchange.body)]).toEqual(['/images/edits', { ...body, model: 'upstream-model' }]);
  });

  it('are refused where there are none', () => {
    expect(() => openExchange(jsonInput('openai-image-edits', 'gemini-generate', { model: 'm' }))).toThrow(
      expect.objectContaining({ code: 'operation_not_supported' }),
    );
  });
});

describe('Imagen', () => {
  const body = { model: 'm', prompt: 'a kitten', n: 2, size: '1792x1024', personGeneration: 'dont_allow', user: 'u' };

  it('is asked by predict, in its own words', () => {
    const exchange = open('gemini-generate', body);
    expect(exchange.path).toBe('/v1beta/models/upstream-model:predict');
    expect(parsed(exchange.body)).toEqual({
      instances: [{ prompt: 'a kitten' }],
      parameters: { sampleCount: 2, aspectRatio: '16:9', personGeneration: 'dont_allow' },
    });
    const decoded = exchange.decodeAnswer(
      bytesOf({ predictions: [{ mimeType: 'image/png', bytesBase64Encoded: 'AA' }, { raiFilteredReason: 'x' }] }),
    );
    expect(parsed(decoded.body)).toEqual({ created: 1_750_000_000, data: [{ b64_json: 'AA' }] });
    expect(decoded.usage).toMatchObject({ images: 1, estimated: false });
  });

  it.each(['1536x1024', 'constructor'])('refuses the size %s that it can’t make, or leaves it out when told to', (size) => {
    const odd = { ...body, size };
    expect(() => open('gemini-generate', odd)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'size' }));
    const dropped = open('gemini-generate', { ...odd, drop_params: true });
    expect(dropped.dropped).toEqual(['size']);
    expect(parsed(dropped.body)).toMatchObject({ parameters: { sampleCount: 2 } });
  });

  it('that filtered everything out says why', () => {
    const answer = bytesOf({ predictions: [{ raiFilteredReason: 'Unsafe.' }] });
    expect(() => open('gemini-generate', body).decodeAnswer(answer)).toThrow(
      expect.objectContaining({ code: 'content_policy_violation', message: 'Unsafe.' }),
    );
    expect(() => open('gemini-generate', body).decodeAnswer(bytesOf({}))).toThrow(
      expect.objectContaining({ code: 'upstream_invalid_response' }),
    );
  });
});
