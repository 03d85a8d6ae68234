import { Objm, setSha256Backend } from '@nats-io/obj';
import { BODIES_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';
import { readChunks } from './read-chunks.ts';

/**
 * Bodies too large to travel in a job, by reference. Chunked and checked by SHA-256; they expire after a day whatever
 * happens. Needs a connection of its own: 20 MB in transit would hold up every small message behind it.
 */
export interface BodyStore {
  put(name: string, body: Uint8Array): Promise<void>;
  /** Takes a chunk when the one before is stored: whatever the size, about 256 KB are held. What fails half way leaves nothing behind. */
  putStream(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** `undefined` when it has expired. Throws when the stored bytes don't match their hash. */
  get(name: string): Promise<Uint8Array | undefined>;
  /**
   * Chunk by chunk, the next one when it is asked for. Throws when it has expired, and before the last chunk when the bytes don't
   * match their hash: a reader never takes them for whole.
   */
  read(name: string): AsyncIterable<Uint8Array>;
  delete(name: string): Promise<void>;
}

export async function openBodyStore(bus: Bus): Promise<BodyStore> {
  // the default is JavaScript: 100 MB would take the process a second
  setSha256Backend('native');
  const store = await new Objm(bus.nc).open(BODIES_BUCKET);
  return {
    async put(name, body) {
      await store.putBlob({ name }, body);
    },
    async putStream(name, chunks) {
      await store.put({ name }, ReadableStream.from(chunks));
    },
    async get(name) {
      return (await store.getBlob(name)) ?? undefined;
    },
    read: (name) => readChunks(bus, store, name),
    async delete(name) {
      await store.delete(name);
    },
  };
}
