import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asGatewayError } from '#contracts';
import { createAwsFrameReader } from './read-frames.ts';
import { createAwsEventStreamSplitter } from './split-frames.ts';
import { awsEvent, awsException, awsFrame } from './test-frames.ts';

const EVENTS = [
  awsEvent('messageStart', { role: 'assistant' }),
  awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Zürich 🌊\n' }, p: 'abcd' }),
  awsFrame({ ':message-type': 'event', ':event-type': 'pretty' }, '{\n  "a": 1\r\n}'),
  awsException('throttlingException', { message: 'Slow down.' }),
  awsFrame({ ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'It broke.' }, ''),
];
const TEXT = [
  'event: messageStart\ndata: {"role":"assistant"}\n\n',
  'event: contentBlockDelta\ndata: {"contentBlockIndex":0,"delta":{"text":"Zürich 🌊\\n"},"p":"abcd"}\n\n',
  'event: pretty\ndata: {   "a": 1  }\n\n',
  'event: exception\ndata: {"type":"throttlingException","message":"Slow down."}\n\n',
  'event: exception\ndata: {"type":"InternalError","message":"It broke."}\n\n',
].join('');
const STREAM = Buffer.concat(EVENTS);

interface Outcome {
  readonly text: string;
  readonly error: string | undefined;
}

function run(chunks: readonly Uint8Array[]): Outcome {
  const splitter = createAwsEventStreamSplitter();
  let text = '';
  try {
    for (const chunk of chunks) text += Buffer.concat(splitter.push(chunk)).toString();
    text += splitter.end()?.toString() ?? '';
    return { text, error: undefined };
  } catch (error) {
    return { text, error: asGatewayError(error).code };
  }
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at);
  return copy;
}

describe('AWS’s binary stream', () => {
  it('comes out as server-sent events, exceptions by name', () => {
    expect(run([STREAM])).toEqual({ text: TEXT, error: undefined });
  });

  it('is the same wherever it is cut', () => {
    for (let at = 1; at < STREAM.length; at += 1) expect(run([STREAM.subarray(0, at), STREAM.subarray(at)]).text).toBe(TEXT);
    for (let size = 1; size < 60; size += 1) expect(run(cut(STREAM, size)).text).toBe(TEXT);
  });

  it('written by AWS’s own library is read byte for byte, with headers of every type, however cut', () => {
    const codec = new EventStreamCodec(toUtf8, fromUtf8);
    const header = fc.oneof(
      fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
      fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'byte' as const, value })),
      fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: 'short' as const, value })),
      fc.integer().map((value) => ({ type: 'integer' as const, value })),
      fc.uint8Array({ maxLength: 40 }).map((value) => ({ type: 'binary' as const, value })),
      fc.string({ maxLength: 40 }).map((value) => ({ type: 'string' as const, value })),
      fc.date({ noInvalidDate: true }).map((value) => ({ type: 'timestamp' as const, value })),
      fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
    );
    const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
    const message = fc.record({ headers: fc.dictionary(name, header), body: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.integer({ min: 1, max: 200 }), (messages, size) => {
        const stream = Buffer.concat(
          messages.map(({ headers, body }, index) => {
            const named = { ...headers, ':event-type': { type: 'string' as const, value: `n${index}` } };
            return Buffer.from(codec.encode({ headers: named, body }));
          }),
        );
        const reader = createAwsFrameReader();
        const frames = cut(stream, size).flatMap((chunk) => reader.push(chunk));
        expect(frames.map((frame) => frame.name)).toEqual(messages.map((_message, index) => `n${index}`));
        expect(frames.map((frame) => Buffer.from(frame.payload))).toEqual(messages.map(({ body }) => Buffer.from(body)));
      }),
    );
  });

  it('with any byte changed gives the frames before it and fails', () => {
    const first = EVENTS[0]?.length ?? 0;
    const firstText = TEXT.slice(0, TEXT.indexOf('\n\n') + 2);
    const second = first + (EVENTS[1]?.length ?? 0);
    for (let at = first; at < second; at += 1) {
      const broken = changed(STREAM.subarray(0, second), at);
      expect(run([broken])).toEqual({ text: firstText, error: 'upstream_invalid_response' });
      expect(run(cut(broken, 7))).toEqual({ text: firstText, error: 'upstream_invalid_response' });
    }
  });

  it('cut in a frame gives the whole ones and no part of it', () => {
    const whole = EVENTS[0]?.length ?? 0;
    for (let at = whole; at < whole + (EVENTS[1]?.length ?? 0); at += 1)
      expect(run([STREAM.subarray(0, at)])).toEqual({ text: TEXT.slice(0, TEXT.indexOf('\n\n') + 2), error: undefined });
  });

  it.each([
    ['a huge frame', 0x7fff_ffff, 0],
    ['a frame shorter than its prelude', 15, 0],
    ['headers longer than their frame', 100, 200],
  ])('refuses %s before its bytes have come', (_name, length, headersLength) => {
    const prelude = Buffer.alloc(12);
    prelude.writeUInt32BE(length, 0);
    prelude.writeUInt32BE(headersLength, 4);
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
    expect(run([prelude])).toEqual({ text: '', error: 'upstream_invalid_response' });
  });

  it.each([
    ['JSON', '{"message":"Forbidden"}'],
    ['a web page', '<html>Bad gateway</html>'],
  ])('refuses %s in its place', (_name, document) => {
    expect(run([Buffer.from(document)])).toEqual({ text: '', error: 'upstream_invalid_response' });
  });

  it('refuses headers that run over their end, with right checksums', () => {
    const headers = Buffer.from([3, 0x61, 0x62, 0x63, 7, 0xff, 0xff]);
    const frame = Buffer.alloc(12 + headers.length + 4);
    frame.writeUInt32BE(frame.length, 0);
    frame.writeUInt32BE(headers.length, 4);
    frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
    for (const [at, value] of [
      [12, 3],
      [12, 200],
      [16, 77],
    ] as const) {
      headers.copy(frame, 12);
      frame.writeUInt8(value, at);
      frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
      expect(run([frame])).toEqual({ text: '', error: 'upstream_invalid_response' });
    }
  });
});
