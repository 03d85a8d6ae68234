import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageSize } from './image-size.ts';

describe('the size of a picture', () => {
  it('is read from the head of a JPEG, whatever segments come first', () => {
    const comment = [0xff, 0xfe, 0x00, 0x06, 1, 2, 3, 4];
    const frame = [0xff, 0xc2, 0x00, 0x11, 8, 0x02, 0x58, 0x03, 0x20, 3, 1, 0x22, 0, 2, 0x11, 1];
    expect(imageSize(Buffer.from([0xff, 0xd8, ...comment, ...frame]))).toEqual({ width: 800, height: 600 });
  });

  it('is read from the head of a GIF', () => {
    const head = Buffer.alloc(24);
    head.write('GIF89a', 'latin1');
    head.writeUInt16LE(640, 6);
    head.writeUInt16LE(480, 8);
    expect(imageSize(head)).toEqual({ width: 640, height: 480 });
  });

  it('is unknown or a size for any bytes, and never an error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom([], [0xff, 0xd8, 0xff, 0xe0], [0x89, 0x50, 0x4e, 0x47]),
        (bytes, start) => {
          expect(() => imageSize(Buffer.from([...start, ...bytes]))).not.toThrow();
        },
      ),
    );
  });
});
