import { describe, expect, it, test } from 'vitest';
import { openExchange } from '../../open-exchange.ts';
import { everyCut, jsonInput, parsed, runStream } from '../test-input.ts';

const open = (more: object = {}) =>
  openExchange(jsonInput('openai-speech', 'openai-chat', { model: 'group', input: 'Zoë 😀', voice: 'a', ...more }, { stream: true }));

describe('speech', () => {
  it('is asked for as the client wrote it', () => {
    const exchange = open();
    expect([exchange.path, exchange.relaysContentType]).toEqual(['/audio/speech', true]);
    expect(parsed(exchange.body)).toEqual({ model: 'upstream-model', input: 'Zoë 😀', voice: 'a' });
  });

  test.each([
    ['a WAV file', Buffer.from('RIFF\0\0\0\0WAVEfmt ')],
    ['anything', Buffer.from([0, 1, 2, 3, 255])],
    ['samples that begin like JSON', Buffer.from('{\0\x01\x02not json')],
    ['samples that are JSON', Buffer.from('{"a":1}')],
  ])('relays %s, wherever it is cut, and counts the characters', (_what, sound) => {
    const whole = runStream(open().openStream(), [sound]);
    expect(whole).toMatchObject({
      text: sound.toString('latin1'),
      error: undefined,
      done: true,
      usage: { characters: 5, estimated: false },
    });
    for (const chunks of everyCut(sound)) expect(runStream(open().openStream(), chunks)).toEqual(whole);
  });

  it('holds nothing back that can’t be an error', () => {
    const decoder = open().openStream();
    expect(decoder.push(Buffer.from('RIFF'))).toMatchObject({ hasContent: true });
    const samples = open().openStream();
    expect(samples.push(Buffer.alloc(60_000, '{'))).toMatchObject({ hasContent: false });
    expect(samples.push(Buffer.alloc(60_000, '{'))).toMatchObject({ hasContent: true });
  });

  test.each([
    ['an error in a 200', '{"error":{"message":"slow","code":429}}', 'upstream_rate_limited'],
    ['nothing at all', '', 'upstream_invalid_response'],
  ])('fails on %s, before the client has anything', (_what, text, code) => {
    expect(runStream(open().openStream(), [text])).toMatchObject({ text: '', error: code, done: false, usage: undefined });
  });

  it('is estimated by its characters when the answer is lost', () => {
    expect(open().estimateUsage?.()).toMatchObject({ characters: 5, estimated: true });
  });

  it('is refused where there is none', () => {
    expect(() => openExchange(jsonInput('openai-speech', 'gemini-generate', { model: 'm', input: 'x' }))).toThrow(
      expect.objectContaining({ code: 'operation_not_supported' }),
    );
  });
});

describe('speech as events', () => {
  const STREAM =
    'data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n' +
    'data: {"type":"speech.audio.done","usage":{"input_tokens":14,"output_tokens":101,"total_tokens":115}}\n\n';
  const stream = () => open({ stream_format: 'sse' }).openStream();

  it('is relayed byte for byte, wherever it is cut, with its tokens', () => {
    const whole = runStream(stream(), [STREAM]);
    expect(whole).toMatchObject({ text: STREAM, done: true, usage: { inputTokens: 14, outputTokens: 101, characters: 5 } });
    for (const chunks of everyCut(Buffer.from(STREAM))) expect(runStream(stream(), chunks)).toEqual(whole);
  });

  it('that closes before it is done is an error', () => {
    for (let cut = 0; cut < STREAM.length - 2; cut += 1) {
      expect(runStream(stream(), [STREAM.slice(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });
});
