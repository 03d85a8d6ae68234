import type { EventDecoder } from '../dialect-codec.ts';
import { parseRecord } from '../json/record.ts';
import { createStreamDecoder as createOpenaiDecoder } from '../openai-chat/decode-stream.ts';
import { mapError } from './map-error.ts';

/** OpenAI's chunks without `[DONE]`; an error in the stream has watsonx's own shape, as an `error` event or in place of a chunk. */
export function createStreamDecoder(): EventDecoder {
  const decoder = createOpenaiDecoder();
  const decode: EventDecoder = (event) => {
    const data = event.data ?? '';
    if (event.event === 'error' || (data.includes('"errors"') && Array.isArray(parseRecord(data)?.['errors']))) {
      throw mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: 0 });
    }
    return decoder(event);
  };
  return Object.assign(decode, { close: () => decoder.close?.() ?? [] });
}
