import { addFileChunk, type Database, nextFileChunk } from '#db';
import { type FileStore, inPieces } from './file-store.ts';

/** A row is read and written in one piece: small enough to hold dozens of them at once. */
const CHUNK_BYTES = 256 * 1024;

/** Files as rows of the database, a chunk at a time. Their chunks go with their row in `files`. */
export function createPostgresStore(db: Database): FileStore {
  return {
    async write(id, chunks) {
      let place = 0;
      let sizeBytes = 0;
      for await (const piece of inPieces(chunks, CHUNK_BYTES)) {
        await addFileChunk(db, id, place, piece);
        place += 1;
        sizeBytes += piece.length;
      }
      return sizeBytes;
    },
    async *read(id) {
      let place = -1;
      for (;;) {
        const chunk = await nextFileChunk(db, id, place);
        if (chunk === undefined) return;
        if (chunk.place !== place + 1) throw new Error(`file ${id} lost a chunk`);
        place = chunk.place;
        yield chunk.data;
      }
    },
    delete: () => Promise.resolve(),
  };
}
