import { Objm } from '@nats-io/obj';
import { BODIES_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';

/**
 * Bodies too large to travel in a job, by reference. Chunked and checked by SHA-256; they expire after a day whatever
 * happens. Needs a connection of its own: 20 MB in transit would hold up every small message behind it.
 */
export interface BodyStore {
  put(name: string, body: Uint8Array): Promise<void>;
  /** `undefined` when it has expired. Throws when the stored bytes don't match their hash. */
  get(name: string): Promise<Uint8Array | undefined>;
  delete(name: string): Promise<void>;
}

export async function openBodyStore(bus: Bus): Promise<BodyStore> {
  const store = await new Objm(bus.nc).open(BODIES_BUCKET);
  return {
    async put(name, body) {
      await store.putBlob({ name }, body);
    },
    async get(name) {
      return (await store.getBlob(name)) ?? undefined;
    },
    async delete(name) {
      await store.delete(name);
    },
  };
}
