/** Where the bytes of files are: by the file's id, which is letters, digits, `-` and `_`. */
export interface FileStore {
  /** Takes a chunk when the one before is stored. Resolves with the number of bytes; what fails half way can be deleted. */
  write(id: string, chunks: AsyncIterable<Uint8Array>): Promise<number>;
  /** In chunks, the next one when it is asked for. Throws when some of it is missing. */
  read(id: string): AsyncIterable<Buffer>;
  delete(id: string): Promise<void>;
}

/** The same bytes in pieces of exactly that size, and a last one. */
export async function* inPieces(chunks: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (size + rest.length >= pieceBytes) {
      const end = pieceBytes - size;
      yield Buffer.concat([...parts, rest.subarray(0, end)]);
      rest = rest.subarray(end);
      parts = [];
      size = 0;
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(parts);
}
