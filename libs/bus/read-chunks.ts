import { createHash } from 'node:crypto';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { ObjectStore } from '@nats-io/obj';
import { BODIES_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';

const STREAM = `OBJ_${BODIES_BUCKET}`;

/**
 * Reads a stored object by asking for one chunk after the other. The library's own reader has the server push all of it, however
 * slowly it is read: 100 MB for a slow provider would stand in this process.
 */
export async function* readChunks(bus: Bus, store: ObjectStore, name: string): AsyncGenerator<Uint8Array> {
  const info = await store.info(name);
  if (info === null || info.deleted) throw new Error(`object ${name} is not stored`);
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const subject = `$O.${BODIES_BUCKET}.C.${info.nuid}`;
  const hash = createHash('sha256');
  let seq = 0;
  for (let chunk = 0; chunk < info.chunks; chunk += 1) {
    const message = await nextChunk(manager, subject, seq + 1, name);
    seq = message.seq;
    hash.update(message.data);
    if (chunk === info.chunks - 1 && `SHA-256=${hash.digest('base64url')}` !== info.digest.replace(/=+$/, '')) {
      throw new Error(`object ${name} does not match its hash`);
    }
    yield message.data;
  }
}

async function nextChunk(manager: JetStreamManager, subject: string, seq: number, name: string) {
  const message = await manager.direct.getMessage(STREAM, { seq, next_by_subj: subject });
  if (message === null) throw new Error(`object ${name} lost a chunk`);
  return message;
}
