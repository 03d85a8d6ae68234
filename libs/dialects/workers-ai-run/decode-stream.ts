import type { EventDecoder } from '../dialect-codec.ts';
import { parseRecord } from '../json/record.ts';
import { createStreamDecoder as createOpenaiDecoder } from '../openai-chat/decode-stream.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { answerMark } from './answer-mark.ts';
import { asCompletion } from './as-completion.ts';
import { isFailure, mapError } from './map-error.ts';

const DONE = '[DONE]';

/**
 * Native chunks (`{"response":"…"}`, the last with `usage`) or OpenAI's. Native ones seldom say why they end: there `[DONE]` alone is
 * the end, and a connection that closes before it was cut. Throws `GatewayError`.
 */
export function createStreamDecoder(): EventDecoder {
  const decoder = createOpenaiDecoder();
  let isNative = false;
  let hasReason = false;

  const decode: EventDecoder = (event) => {
    const data = event.data?.trim() ?? '';
    if (data === DONE && isNative && !hasReason) return [...decoder(eventOf(asCompletion({}, 'delta', 'stop'))), ...decoder(event)];
    const chunk = data === DONE ? undefined : parseRecord(data);
    if (chunk === undefined) return decoder(event);
    if (isFailure(chunk)) throw mapError({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: 0 });
    if (chunk['choices'] !== undefined) return decoder(event);
    isNative = true;
    const reason = chunk['finish_reason'];
    hasReason ||= typeof reason === 'string' && reason !== '';
    // only calls need a name, and computing one for every chunk of text would be a waste
    const named = chunk['tool_calls'] === undefined || chunk['id'] !== undefined ? chunk : { ...chunk, id: answerMark(Buffer.from(data)) };
    return decoder(eventOf(asCompletion(named, 'delta', reason)));
  };
  return Object.assign(decode, { close: () => decoder.close?.() ?? [] });
}

function eventOf(chunk: object): ServerSentEvent {
  return { event: undefined, data: JSON.stringify(chunk) };
}
