import { GatewayError } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { EventDecoder, ProviderCodec } from '../dialect-codec.ts';
import { isRecord, parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { finishReasonOf } from './decode-response.ts';
import { mapError } from './map-error.ts';
import { usageOfAnswer } from './map-usage.ts';
import { readContent } from './read-content.ts';
import { isErrorBody } from './relay-response.ts';
import { createStreamToolCalls } from './stream-tool-calls.ts';

type Events = readonly ConversationEvent[];
const NOTHING: Events = [];

/**
 * A chat stream (https://platform.openai.com/docs/api-reference/chat-streaming) as conversation events. It is complete when a
 * finish reason came and then `[DONE]`, or the end of the connection from hosts that send none; usage may stand between the two.
 * Throws `GatewayError` for an error in the stream (read by `errorOf`, for hosts with words of their own), for what is no JSON, and for a `[DONE]` without a finish reason.
 */
export function createStreamDecoder(errorOf: ProviderCodec['mapError'] = mapError): EventDecoder {
  const calls = createStreamToolCalls();
  let hasStarted = false;
  let reasoning = '';
  let hasBlocks = false;
  let finishReason: unknown;

  const start = (chunk: JsonRecord): Events => {
    if (hasStarted) return NOTHING;
    hasStarted = true;
    return [{ type: 'start', model: stringAt(chunk, 'model') ?? '' }];
  };

  /** The reasoning so far as one block, unless another gateway sent its blocks. */
  const closeReasoning = (): Events => {
    if (reasoning === '') return NOTHING;
    const text = reasoning;
    reasoning = '';
    return hasBlocks ? NOTHING : [{ type: 'reasoning-block', block: { type: 'plain', text } }];
  };

  const readDelta = (delta: JsonRecord, answerId: string): Events => {
    const said = readContent(delta);
    const listed = callsOf(delta);
    if (said.reasoning === '' && listed.length === 0 && delta['thinking_blocks'] === undefined && reasoning === '') {
      return said.text === '' ? NOTHING : [{ type: 'text', text: said.text }];
    }
    const events: ConversationEvent[] = [];
    if (said.reasoning !== '') events.push({ type: 'reasoning', text: said.reasoning });
    reasoning += said.reasoning;
    for (const block of decodeReasoning(delta['thinking_blocks'], 'thinking_blocks')) {
      hasBlocks = true;
      events.push({ type: 'reasoning-block', block });
    }
    if (said.text !== '') events.push(...closeReasoning(), { type: 'text', text: said.text });
    if (listed.length > 0) events.push(...closeReasoning());
    for (const call of listed) events.push(...calls.delta(call, answerId));
    return events;
  };

  const readChunk = (chunk: JsonRecord): Events => {
    const choice = firstChoice(chunk);
    const usage = usageOfAnswer(chunk);
    const stated: Events = usage === undefined ? NOTHING : [{ type: 'usage', usage }];
    if (choice === undefined) return stated;
    const delta = recordAt(choice, 'delta');
    const events = [...start(chunk), ...stated, ...(delta === undefined ? NOTHING : readDelta(delta, stringAt(chunk, 'id') ?? ''))];
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason !== '') {
      // a failure is one at once: what follows it says nothing
      finishReasonOf(reason, false);
      finishReason = reason;
    }
    return events;
  };

  const close = (): Events => {
    if (finishReason === undefined) return NOTHING;
    const reason = finishReasonOf(finishReason, calls.count() > 0);
    return [...start({}), ...closeReasoning(), ...calls.close(), { type: 'finish', reason }];
  };

  const decode = ({ event, data: text }: ServerSentEvent): Events => {
    const data = text?.trim() ?? '';
    if (data === '') return NOTHING;
    if (data === '[DONE]') return finishReason === undefined ? fail('upstream_truncated', TRUNCATED) : close();
    const chunk = parseRecord(data) ?? fail('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
    if (isErrorBody(chunk) || event === 'error') throw errorOf({ status: undefined, headers: {}, body: Buffer.from(data), nowMs: 0 });
    return readChunk(chunk);
  };
  return Object.assign(decode, { close });
}

const TRUNCATED = 'The provider ended its stream before the answer was complete.';

/** A translated answer has one choice. */
function firstChoice(chunk: JsonRecord): JsonRecord | undefined {
  const choices = chunk['choices'];
  if (!Array.isArray(choices)) return undefined;
  return (choices as readonly unknown[]).filter(isRecord).find((choice) => (choice['index'] ?? 0) === 0);
}

function callsOf(delta: JsonRecord): readonly unknown[] {
  const calls = delta['tool_calls'];
  if (Array.isArray(calls)) return calls;
  const legacy = recordAt(delta, 'function_call');
  return legacy === undefined ? NOTHING : [{ index: 0, function: legacy }];
}

function fail(code: 'upstream_truncated' | 'upstream_invalid_response', message: string): never {
  throw new GatewayError(code, message);
}
