import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DiscardPolicy, JetStreamApiError, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { RESPONSES_STREAM, RESPONSES_SUBJECTS, responseSubject } from '#contracts';
import type { Bus } from './connect.ts';
import { publishDurably } from './publish.ts';
import { ensureStream } from './topology.ts';

/**
 * Documents by owner and id, for a time: a stream of its own, one subject per piece. Unlike a bucket it never refuses: at its size
 * limit the oldest go first. Compressed, and cut below NATS's usual limit for a message (1 MB).
 */
export interface ResponseStore {
  /** Resolves when the server has it, so that whoever learns the id afterwards finds it. Owner and id must be subject tokens. */
  put(owner: string, id: string, document: Uint8Array): Promise<void>;
  /** Undefined when it is not (or no longer) there, or is another owner's. */
  get(owner: string, id: string): Promise<Uint8Array | undefined>;
  /** Whether it was there. */
  delete(owner: string, id: string): Promise<boolean>;
}

export interface ResponseStoreOptions {
  /** How long a document is kept, in milliseconds. */
  readonly ttlMs: number;
  /** Of all documents together. */
  readonly maxBytes: number;
}

const PIECE_BYTES = 512 * 1024;
const PIECES_HEADER = 'Headrace-Pieces';
const GIVE_UP_AFTER_MS = 2_000;
const DEDUPE_NS = 2 * 60 * 1e9;
const NO_MESSAGE_FOUND = 10037;
/** What a compressed document may grow to: nothing that was put is larger. */
const LARGEST_BYTES = 64 * 1024 * 1024;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Creates the stream, or gives it other limits. Safe to run from every process at once. */
export async function openResponseStore(bus: Bus, options: ResponseStoreOptions): Promise<ResponseStore> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const stream = {
    name: RESPONSES_STREAM,
    subjects: [RESPONSES_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: options.ttlMs * 1e6,
    max_bytes: options.maxBytes,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(manager, stream, bus.nc.info?.cluster ? 3 : 1);

  /** Of the stream's leader: a replica may not have yet what was stored a moment ago. */
  const read = async (owner: string, id: string, piece: number) => {
    try {
      return (await manager.streams.getMessage(RESPONSES_STREAM, { last_by_subj: responseSubject(owner, id, piece) })) ?? undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return undefined;
      throw error;
    }
  };

  return {
    async put(owner, id, document) {
      const pieces = cut(await compress(document, { level: 1 }));
      // the first piece says how many there are, so it is the last to be stored
      for (const [piece, data] of [...pieces.entries()].reverse()) {
        const subject = responseSubject(owner, id, piece);
        const headers = { [PIECES_HEADER]: String(pieces.length) };
        await publishDurably(bus, { subject, data, messageId: subject, headers }, { giveUpAfterMs: GIVE_UP_AFTER_MS });
      }
    },
    async get(owner, id) {
      const first = await read(owner, id, 0);
      if (first === undefined) return undefined;
      const parts = [first.data];
      const count = Number(first.header.get(PIECES_HEADER));
      for (let piece = 1; piece < count; piece += 1) {
        const next = await read(owner, id, piece);
        // the size limit took it
        if (next === undefined) return undefined;
        parts.push(next.data);
      }
      return decompress(Buffer.concat(parts), { maxOutputLength: LARGEST_BYTES });
    },
    async delete(owner, id) {
      const { purged } = await manager.streams.purge(RESPONSES_STREAM, { filter: responseSubject(owner, id, '*') });
      return purged > 0;
    },
  };
}

function cut(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.subarray(at, at + PIECE_BYTES));
  return pieces;
}
