import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Store } from '../../services/batches/files/s3-store.ts';
import { BUCKET_KEY, startBucket, type TestBucket } from '../support/bucket.ts';

let bucket: TestBucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket.close());

const openStore = () => {
  const { accessKeyId, secretAccessKey, region } = BUCKET_KEY;
  const settings = {
    bucket: 'b',
    region,
    endpoint: bucket.url,
    prefix: 'files/',
    accessKeyId: { literal: accessKeyId },
    secretAccessKey: { env: 'SECRET' },
  };
  return createS3Store({ settings, env: { SECRET: secretAccessKey }, now: Date.now });
};

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const MEGABYTE = 1024 ** 2;

test.each([0, 1, 8 * MEGABYTE, 8 * MEGABYTE + 1, 20 * MEGABYTE])(
  'a file of %i bytes comes back from a bucket byte for byte',
  async (size) => {
    const store = openStore();
    const bytes = Buffer.alloc(size, 'some text and 3 more');
    expect(await store.write('file-1', chunksOf(bytes, 700_001))).toBe(size);
    const read: Buffer[] = [];
    for await (const chunk of store.read('file-1')) read.push(chunk);
    expect(Buffer.concat(read).equals(bytes)).toBe(true);
    await store.delete('file-1');
    expect(bucket.objects.size).toBe(0);
    expect(bucket.unsigned).toEqual([]);
  },
);

test('an upload that fails half way leaves no parts behind', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield* chunksOf(Buffer.alloc(17 * MEGABYTE), MEGABYTE);
    throw new Error('the client is gone');
  }
  await expect(openStore().write('file-2', failing())).rejects.toThrow('the client is gone');
  expect([...bucket.open]).toEqual([]);
  expect(bucket.objects.size).toBe(0);
});

test('what the bucket refuses is an error with its code', async () => {
  await expect(openStore().read('file-none')[Symbol.asyncIterator]().next()).rejects.toThrow('404 NoSuchKey');
});
