import { asGatewayError, type TokenUsage } from '#contracts';
import type { StreamDecoder, StreamStep } from '../../exchange.ts';
import type { MapError } from '../operation.ts';
import { readAnswer } from '../read-answer.ts';

const OPEN_BRACE = 0x7b;
/** More than any error needs: what is longer is sound that happens to begin with a brace. */
const LONGEST_ERROR_BYTES = 64 * 1024;

/**
 * Sound, passed on as it comes. Its length is not known, so a cut shows in the transport alone: the connection, not this decoder,
 * knows whether all has come. What begins like a JSON object is held back: some hosts put an error into a 200.
 */
export function openAudioRelay(options: {
  readonly usage: TokenUsage;
  readonly mapError: MapError;
  readonly nowMs: number;
}): StreamDecoder {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let hasContent = false;
  let isHeld: boolean | undefined;
  let isOver = false;

  const give = (bytes: Uint8Array | undefined): StreamStep => {
    if (bytes !== undefined && bytes.length > 0) {
      hasContent = true;
      decoder.usage = options.usage;
    }
    return { bytes, hasContent, done: isOver, error: undefined };
  };

  const release = (): StreamStep => {
    isHeld = false;
    const bytes = Buffer.concat(held);
    held.length = 0;
    return give(bytes);
  };

  const decoder: StreamDecoder & { usage: StreamDecoder['usage'] } = {
    push: (chunk: Uint8Array): StreamStep => {
      if (isOver || chunk.length === 0) return give(undefined);
      isHeld ??= chunk[0] === OPEN_BRACE;
      if (!isHeld) return give(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      return heldBytes > LONGEST_ERROR_BYTES ? release() : give(undefined);
    },
    end: (): StreamStep => {
      if (isOver) return give(undefined);
      isOver = true;
      const error = isHeld === true || !hasContent ? errorOf(Buffer.concat(held), options) : undefined;
      return error === undefined ? release() : { bytes: undefined, hasContent, done: false, error };
    },
    usage: undefined,
    finishReason: undefined,
    producedText: '',
  };
  return decoder;
}

/** Nothing at all is an error too; sound that begins with a brace is none. */
function errorOf(bytes: Uint8Array, options: { readonly mapError: MapError; readonly nowMs: number }): StreamStep['error'] {
  try {
    readAnswer(bytes, options.mapError, options.nowMs);
  } catch (error) {
    const failure = asGatewayError(error);
    return failure.code === 'upstream_invalid_response' && bytes.length > 0 ? undefined : failure;
  }
  return undefined;
}
