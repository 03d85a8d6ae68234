import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import type { Bus } from './connect.ts';
import { publishDurably } from './publish.ts';

/** Documents by owner and id in a stream, compressed, one subject per piece: a piece is below NATS's usual limit for a message (1 MB). */
export interface DocumentStore {
  /** Resolves when the server has it, so that whoever learns the id afterwards finds it. Owner and id must be subject tokens. */
  put(owner: string, id: string, document: Uint8Array): Promise<void>;
  /** Undefined when it is not (or no longer) there, or is another owner's. */
  get(owner: string, id: string): Promise<Uint8Array | undefined>;
  /** Whether it was there. */
  delete(owner: string, id: string): Promise<boolean>;
}

export interface DocumentStoreOptions {
  readonly stream: string;
  /** The subject of one piece, counted from 0, or of all of them. */
  readonly subjectOf: (owner: string, id: string, piece: number | '*') => string;
}

const PIECE_BYTES = 512 * 1024;
const PIECES_HEADER = 'Headrace-Pieces';
const GIVE_UP_AFTER_MS = 2_000;
const NO_MESSAGE_FOUND = 10037;
/** What a compressed document may grow to: nothing that was put is larger. */
const LARGEST_BYTES = 64 * 1024 * 1024;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export function createDocumentStore(bus: Bus, manager: JetStreamManager, { stream, subjectOf }: DocumentStoreOptions): DocumentStore {
  return {
    async put(owner, id, document) {
      const pieces = cut(await compress(document, { level: 1 }));
      // the first piece says how many there are, so it is the last to be stored
      for (const [piece, data] of [...pieces.entries()].reverse()) {
        const subject = subjectOf(owner, id, piece);
        const headers = { [PIECES_HEADER]: String(pieces.length) };
        await publishDurably(bus, { subject, data, messageId: subject, headers }, { giveUpAfterMs: GIVE_UP_AFTER_MS });
      }
    },
    async get(owner, id) {
      const first = await lastOf(manager, stream, subjectOf(owner, id, 0));
      if (first === undefined) return undefined;
      const parts = [first.data];
      const count = Number(first.header.get(PIECES_HEADER));
      for (let piece = 1; piece < count; piece += 1) {
        const next = await lastOf(manager, stream, subjectOf(owner, id, piece));
        // the size limit took it
        if (next === undefined) return undefined;
        parts.push(next.data);
      }
      return decompress(Buffer.concat(parts), { maxOutputLength: LARGEST_BYTES });
    },
    async delete(owner, id) {
      const { purged } = await manager.streams.purge(stream, { filter: subjectOf(owner, id, '*') });
      return purged > 0;
    },
  };
}

/** The last message of a subject, of the stream's leader: a replica may not have yet what was stored a moment ago. */
export async function lastOf(manager: JetStreamManager, stream: string, subject: string) {
  try {
    return (await manager.streams.getMessage(stream, { last_by_subj: subject })) ?? undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return undefined;
    throw error;
  }
}

function cut(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.subarray(at, at + PIECE_BYTES));
  return pieces;
}
