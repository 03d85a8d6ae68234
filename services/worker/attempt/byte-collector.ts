/** Larger answers than this are no completion: 64 MiB holds a dozen images in base64. */
const LIMIT_BYTES = 64 * 1024 * 1024;

export interface ByteCollector {
  /** False when the limit is passed: the chunk is not kept. */
  add(chunk: Uint8Array): boolean;
  bytes(): Uint8Array;
}

export function createByteCollector(limitBytes = LIMIT_BYTES): ByteCollector {
  const chunks: Uint8Array[] = [];
  let total = 0;
  return {
    add(chunk) {
      if (total + chunk.length > limitBytes) return false;
      total += chunk.length;
      chunks.push(chunk);
      return true;
    },
    bytes() {
      const [only] = chunks;
      return chunks.length === 1 && only ? only : Buffer.concat(chunks, total);
    },
  };
}
