import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { EventDecoder } from '../dialect-codec.ts';
import { parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { decodeCall, decodeImage, decodeReasoning, invalidAnswer } from './decode-response.ts';
import { failed, failureOf, mapErrorValue } from './map-error.ts';
import { finishReasonOf } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

type Events = readonly ConversationEvent[];
const NOTHING: Events = [];

interface OpenCall {
  /** Counts the calls of this answer from 0. */
  readonly index: number;
  hasArguments: boolean;
}

/**
 * The events of a streamed response (https://platform.openai.com/docs/api-reference/responses-streaming) as conversation events:
 * created, then per item added, deltas and done, then completed, incomplete or failed with the whole response. Events of hosted
 * tools and those we have no name for give nothing. Throws `GatewayError` for an error, and for events out of order.
 */
export function createStreamDecoder(): EventDecoder {
  /** By `output_index`. */
  const calls = new Map<unknown, OpenCall>();
  /** `output_index` of the messages whose text was streamed. */
  const told = new Set<unknown>();
  let hasStarted = false;

  const beginCall = (outputIndex: unknown, item: JsonRecord): Events => {
    const [call] = decodeCall(item);
    if (call === undefined || calls.has(outputIndex)) return NOTHING;
    const index = calls.size;
    calls.set(outputIndex, { index, hasArguments: false });
    return [{ type: 'tool-call', index, id: call.id, name: call.name }];
  };

  const callArguments = (data: JsonRecord): Events => {
    const call = calls.get(data['output_index']);
    const text = stringAt(data, 'delta');
    if (call === undefined || text === undefined) return NOTHING;
    call.hasArguments = true;
    return [{ type: 'tool-arguments', index: call.index, text }];
  };

  /** Some hosts stream no arguments, or no calls before they are whole. */
  const endCall = (outputIndex: unknown, item: JsonRecord): Events => {
    const events = [...beginCall(outputIndex, item)];
    const [whole] = decodeCall(item);
    const call = calls.get(outputIndex);
    if (call !== undefined && whole !== undefined && !call.hasArguments) {
      call.hasArguments = true;
      events.push({ type: 'tool-arguments', index: call.index, text: whole.argumentsText });
    }
    return events;
  };

  const text = (data: JsonRecord): Events => {
    told.add(data['output_index']);
    return textEvents(stringAt(data, 'delta'));
  };

  const endItem = (data: JsonRecord): Events => {
    const item = recordAt(data, 'item') ?? {};
    const events = [...endCall(data['output_index'], item)];
    for (const block of decodeReasoning(item)) events.push({ type: 'reasoning-block', block });
    for (const image of decodeImage(item)) events.push({ type: 'text', text: '', image });
    return events;
  };

  const end = (data: JsonRecord): Events => {
    const response = recordAt(data, 'response') ?? {};
    const failure = failureOf(response);
    if (failure !== undefined) throw failure;
    const usage = mapUsage(response);
    const stated: Events = usage === undefined ? NOTHING : [{ type: 'usage', usage }];
    return [...stated, { type: 'finish', reason: finishReasonOf(response) }];
  };

  const handlers: Readonly<Record<string, (data: JsonRecord) => Events>> = {
    'response.created': (data) => [{ type: 'start', model: stringAt(recordAt(data, 'response') ?? {}, 'model') ?? '' }],
    'response.output_item.added': (data) => beginCall(data['output_index'], recordAt(data, 'item') ?? {}),
    'response.output_text.delta': text,
    'response.output_text.done': (data) => (told.has(data['output_index']) ? NOTHING : textEvents(stringAt(data, 'text'))),
    'response.refusal.delta': text,
    'response.reasoning_summary_text.delta': (data) => reasoningEvents(stringAt(data, 'delta')),
    'response.reasoning_text.delta': (data) => reasoningEvents(stringAt(data, 'delta')),
    // paragraphs of the summary, joined as in one piece
    'response.reasoning_summary_part.added': (data) => (data['summary_index'] === 0 ? NOTHING : reasoningEvents('\n\n')),
    'response.function_call_arguments.delta': callArguments,
    'response.output_item.done': endItem,
    'response.completed': end,
    'response.incomplete': end,
    'response.failed': (data) => {
      throw failed(recordAt(data, 'response') ?? {});
    },
  };

  return (event) => {
    const data = readEvent(event);
    if (data === undefined) return NOTHING;
    const type = stringAt(data, 'type') ?? event.event ?? '';
    const handle = handlers[type];
    if (handle === undefined) return NOTHING;
    if (!hasStarted && type !== 'response.created') throw invalidAnswer('stream events before response.created');
    hasStarted = true;
    return handle(data);
  };
}

/** The event's object; undefined for one without. Throws the error of an `error` event. */
export function readEvent({ event, data: text }: ServerSentEvent): JsonRecord | undefined {
  if (text === undefined || text.trim() === '' || text.trim() === '[DONE]') return undefined;
  const data = parseRecord(text);
  if (data === undefined) throw invalidAnswer('a stream event that is not JSON');
  const isError = data['type'] === 'error' || event === 'error' || (data['type'] === undefined && recordAt(data, 'error') !== undefined);
  if (isError) throw mapErrorValue(data);
  return data;
}

function textEvents(text: string | undefined): Events {
  return text === undefined ? NOTHING : [{ type: 'text', text }];
}

function reasoningEvents(text: string | undefined): Events {
  return text === undefined ? NOTHING : [{ type: 'reasoning', text }];
}
