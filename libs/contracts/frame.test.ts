import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, FRAME, frameMeta, type FrameFields, type FrameKind, type HeadMeta } from './frame.ts';
import { InvalidMessage } from './job.ts';

const fields = fc.record({
  kind: fc.constantFrom<FrameKind>(...Object.values(FRAME)),
  seq: fc.nat(0xffff_ffff),
  attempt: fc.nat(0xffff),
  delivery: fc.nat(0xffff),
  meta: fc.option(fc.record({ status: fc.nat(599), headers: fc.dictionary(fc.string(), fc.string({ unit: 'binary' })) }), {
    nil: undefined,
  }),
  body: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
});

describe('a frame', () => {
  test('arrives as it was sent, whatever its numbers, its meta and its bytes', () => {
    fc.assert(
      fc.property(fields, (sent) => {
        const got = decodeFrame(encodeFrame(sent as FrameFields));
        expect([got.kind, got.seq, got.attempt, got.delivery]).toEqual([sent.kind, sent.seq, sent.attempt, sent.delivery]);
        expect(Buffer.from(got.body)).toEqual(Buffer.from(sent.body ?? []));
        if (sent.meta) expect(frameMeta<HeadMeta>(got)).toEqual(JSON.parse(JSON.stringify(sent.meta)));
        else expect(got.meta).toHaveLength(0);
      }),
    );
  });

  test('is read from the middle of a larger buffer, as NATS hands messages out', () => {
    const bytes = encodeFrame({ kind: FRAME.data, seq: 7, attempt: 2, delivery: 1, body: Buffer.from('token') });
    const around = Buffer.concat([Buffer.from('xxxxx'), bytes, Buffer.from('yyyyy')]);
    const frame = decodeFrame(new Uint8Array(around.buffer, around.byteOffset + 5, bytes.length));
    expect(frame.seq).toBe(7);
    expect(Buffer.from(frame.body).toString()).toBe('token');
  });

  test('cut anywhere within its fixed part or its meta is refused, never misread', () => {
    const bytes = encodeFrame({ kind: FRAME.head, seq: 1, attempt: 1, delivery: 1, meta: { status: 200, headers: { a: 'b' } } });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeFrame(bytes.subarray(0, length))).toThrow(InvalidMessage);
    }
  });

  test('counts meta in bytes, not in characters', () => {
    const meta: HeadMeta = { status: 200, headers: { model: 'モデル-ü-😀' } };
    const frame = decodeFrame(encodeFrame({ kind: FRAME.head, seq: 0, attempt: 1, delivery: 1, meta, body: Buffer.from('body') }));
    expect(frameMeta<HeadMeta>(frame)).toEqual(meta);
    expect(Buffer.from(frame.body).toString()).toBe('body');
  });
});
