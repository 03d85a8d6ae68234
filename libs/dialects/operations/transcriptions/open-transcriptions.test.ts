import { describe, expect, it, test } from 'vitest';
import type { UploadPart } from '#contracts';
import type { ExchangeInput, MultipartPiece } from '../../exchange.ts';
import { openExchange } from '../../open-exchange.ts';
import { bytesOf, everyCut, formInput, jsonInput, runStream } from '../test-input.ts';

const FILE = { name: 'file', filename: 'a "b".wav', contentType: 'audio/wav', sizeBytes: 1_000, head: '' };
const open = (parts: readonly UploadPart[] = [{ name: 'model', value: 'group' }, FILE], change: Partial<ExchangeInput> = {}) =>
  openExchange(formInput('openai-transcriptions', parts, change));

function shown(pieces: readonly MultipartPiece[] = []): string {
  return pieces.map((piece) => (piece instanceof Uint8Array ? Buffer.from(piece).toString() : `<${piece.fileBytes} bytes>`)).join('');
}

describe('a recording', () => {
  it('goes out as a form of our own, with the fields in their order and its length stated', () => {
    const parts = [
      FILE,
      { name: 'model', value: 'group' },
      { name: 'timestamp_granularities[]', value: 'word' },
      { name: 'timestamp_granularities[]', value: 'segment' },
      { name: 'tags', value: 'ours' },
    ];
    const exchange = open(parts, { defaultParams: { language: 'de', temperature: 0.5 } });
    const text = shown(exchange.multipart);
    expect(text.replaceAll('\r\n', '\n')).toBe(
      `--headrace-job_1
content-disposition: form-data; name="model"

upstream-model
--headrace-job_1
content-disposition: form-data; name="file"; filename="a %22b%22.wav"
content-type: audio/wav

<1000 bytes>
--headrace-job_1
content-disposition: form-data; name="timestamp_granularities[]"

word
--headrace-job_1
content-disposition: form-data; name="timestamp_granularities[]"

segment
--headrace-job_1
content-disposition: form-data; name="language"

de
--headrace-job_1
content-disposition: form-data; name="temperature"

0.5
--headrace-job_1--
`,
    );
    expect(exchange.headers).toEqual({
      'content-type': 'multipart/form-data; boundary=headrace-job_1',
      'content-length': String(Buffer.byteLength(text) - '<1000 bytes>'.length + 1_000),
    });
    expect(exchange.path).toBe('/audio/transcriptions');
    expect(openExchange(formInput('openai-translations', [FILE])).path).toBe('/audio/translations');
  });

  it('can’t break out of its part by its name or type', () => {
    const evil = { ...FILE, name: 'file\r\nx: y', filename: 'a\r\n\r\n--headrace-job_1--', contentType: 'audio/wav\r\nx: y' };
    const head = shown(open([evil]).multipart).split('<1000')[0] ?? '';
    expect(head).not.toMatch(/\r\nx: y/);
    expect(head.match(/\r\n--headrace/g)).toHaveLength(1);
    expect(head).toContain('content-type: application/octet-stream');
  });

  it('keeps the client’s own field before a default', () => {
    expect(shown(open([FILE, { name: 'language', value: 'fr' }], { defaultParams: { language: 'de' } }).multipart)).not.toContain('\nde\r');
  });

  it('has fields refused by name that the host does not take, or dropped', () => {
    const parts = [FILE, { name: 'prompt', value: 'x' }];
    const quirks = { unsupportedParams: ['prompt'] };
    expect(() => open(parts, { quirks })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'prompt' }));
    expect(open(parts, { quirks, dropParams: true }).dropped).toEqual(['prompt']);
  });

  it('is refused where nobody hears it', () => {
    expect(() => openExchange(formInput('openai-transcriptions', [FILE], { providerDialect: 'anthropic-messages' }))).toThrow(
      expect.objectContaining({ code: 'operation_not_supported' }),
    );
    expect(() => openExchange(jsonInput('openai-transcriptions', 'openai-chat', {}))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'file' }),
    );
  });
});

describe('a transcript', () => {
  test.each<[string, unknown, object]>([
    ['JSON with seconds', { text: 'hi', usage: { type: 'duration', seconds: 9 } }, { audioSeconds: 9, estimated: false }],
    [
      'JSON with tokens',
      { text: 'hi', usage: { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 12 }, output_tokens: 4 } },
      { inputTokens: 14, inputAudioTokens: 12, outputTokens: 4, estimated: false },
    ],
    ['verbose JSON', { text: 'hi', duration: '8.47' }, { audioSeconds: 8.47, estimated: false }],
    ['JSON without usage', { text: 'hi' }, { audioSeconds: 0.125, estimated: true }],
    ['text', 'hi there\n', { audioSeconds: 0.125, estimated: true }],
    ['SRT', '1\n00:00:00,000 --> 00:00:01,500\nhi\n\n2\n00:00:02,000 --> 01:00:04,250\nx\n', { audioSeconds: 3_604.25, estimated: true }],
    ['WebVTT', 'WEBVTT\n\n00:00.000 --> 00:04.200\nhi\n', { audioSeconds: 4.2, estimated: true }],
    ['nothing, of silence', '', { audioSeconds: 0.125, estimated: true }],
  ])('as %s is relayed as it came and metered', (_what, answer, usage) => {
    const body = bytesOf(answer);
    expect(open().decodeAnswer(body)).toEqual({ body, usage: expect.objectContaining(usage), finishReason: undefined });
  });

  it('of a plain WAV file is metered by its exact length', () => {
    const head = Buffer.alloc(44);
    head.write('RIFF', 0, 'latin1');
    head.write('WAVEfmt ', 8, 'latin1');
    head.writeUInt32LE(16_000, 28);
    const file = { ...FILE, sizeBytes: 44 + 160_000, head: head.toString('base64') };
    expect(open([file]).estimateUsage?.()).toMatchObject({ audioSeconds: 10, estimated: true });
  });

  test.each([
    ['{"error":{"message":"x","code":429}}', 'upstream_rate_limited'],
    ['{"x":1}', 'upstream_invalid_response'],
    ['{"x', 'upstream_invalid_response'],
  ])('%s fails with %s', (answer, code) => {
    expect(() => open().decodeAnswer(bytesOf(answer))).toThrow(expect.objectContaining({ code }));
  });
});

describe('a streamed transcript', () => {
  const EVENTS =
    'data: {"type":"transcript.text.delta","delta":"Wasser"}\n\n' +
    'data: {"type":"transcript.text.done","text":"Wasser","usage":{"type":"tokens","input_tokens":14,"output_tokens":4}}\n\n';
  const CHUNKS =
    'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}\n\n' +
    'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\ndata: [DONE]\n\n';
  const stream = () => open(undefined, { stream: true }).openStream();

  test.each([
    ['OpenAI’s events', EVENTS, { inputTokens: 14, outputTokens: 4 }],
    ['vLLM’s chunks', CHUNKS, { inputTokens: 3, outputTokens: 1 }],
    ['a whole answer, of a model that does not stream', '{"text":"hi","usage":{"type":"duration","seconds":3}}', { audioSeconds: 3 }],
    ['a short text', 'Hm.', { audioSeconds: 0.125 }],
  ])('of %s is relayed byte for byte, wherever it is cut', (_what, text, usage) => {
    const bytes = Buffer.from(text);
    const whole = runStream(stream(), [bytes]);
    expect(whole).toMatchObject({ text: bytes.toString('latin1'), error: undefined, done: true, usage });
    for (const chunks of everyCut(bytes)) expect(runStream(stream(), chunks)).toEqual(whole);
  });

  it('may begin with a byte order mark', () => {
    expect(runStream(stream(), [`\uFEFF${EVENTS}`])).toMatchObject({ text: EVENTS, done: true });
  });

  it('that closes before it is done is an error', () => {
    for (let cut = 6; cut < EVENTS.length - 2; cut += 1) {
      expect(runStream(stream(), [EVENTS.slice(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it('that is an error in place of one fails', () => {
    expect(runStream(stream(), ['{"error":{"message":"slow","code":429}}'])).toMatchObject({ error: 'upstream_rate_limited', done: false });
    expect(runStream(stream(), ['data: {"type":"error","error":{"message":"x"}}\n\n'])).toMatchObject({ error: 'upstream_error' });
  });
});
