import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uploadBody } from './upload-body.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a multipart body', () => {
  test('has each file in its place, however the store cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), async (files, size) => {
        const pieces = files.flatMap((file) => [Buffer.from('<'), { fileBytes: Buffer.byteLength(file) }, Buffer.from('>')]);
        expect(await read(uploadBody(pieces, chunksOf(Buffer.from(files.join('')), size)))).toBe(files.map((file) => `<${file}>`).join(''));
      }),
    );
  });

  test('that is not read on reads nothing on, and lets the store go', async () => {
    let given = 0;
    let closed = false;
    async function* stored() {
      try {
        for (; given < 100; given += 1) yield Buffer.alloc(10);
      } finally {
        closed = true;
      }
    }
    const body = uploadBody([{ fileBytes: 1_000 }], stored());
    await body.next();
    await body.next();
    expect(given).toBeLessThan(4);
    await body.return(undefined);
    expect(closed).toBe(true);
  });

  test.each<[string, () => AsyncGenerator<Uint8Array>]>([
    ['ends early', () => chunksOf(Buffer.from('ab'), 1)],
    [
      'fails',
      async function* () {
        yield Buffer.from('a');
        throw new Error('the store is away');
      },
    ],
  ])('of a file that %s is an error, never an end', async (_what, stored) => {
    await expect(read(uploadBody([{ fileBytes: 3 }, Buffer.from('>')], stored()))).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
