import { GatewayError } from '#contracts';
import type { MultipartPiece } from '#dialects';

/**
 * A multipart body as it is sent: the exchange's own bytes, and between them the uploaded files as they come out of the store,
 * which holds them one behind the other. Reads on only when the provider has taken what was read.
 */
export async function* uploadBody(pieces: readonly MultipartPiece[], stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const files = takeBytes(stored);
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) yield piece;
      else yield* files.take(piece.fileBytes);
    }
  } finally {
    await files.close();
  }
}

/** Cuts a sequence of chunks of any size into stretches of known lengths. */
function takeBytes(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async *take(bytes: number): AsyncGenerator<Uint8Array> {
      let left = bytes;
      while (left > 0) {
        if (rest.length === 0) rest = await nextChunk(iterator);
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    close: async () => {
      await iterator.return?.();
    },
  };
}

async function nextChunk(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  try {
    const next = await iterator.next();
    if (next.done !== true) return next.value;
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable(undefined);
}

function unreadable(cause: unknown): GatewayError {
  return new GatewayError('service_unavailable', 'The uploaded file could not be read from the store.', { cause });
}
