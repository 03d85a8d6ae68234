import { GatewayError } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

type Events = readonly ConversationEvent[];
const NOTHING: Events = [];

/**
 * Cohere's stream (https://docs.cohere.com/v2/docs/streaming) as conversation events: message-start, content-*, tool-plan-delta,
 * tool-call-*, citation-*, message-end with the finish reason and the usage. Citations have no place in other formats.
 */
export function createStreamDecoder(): (event: ServerSentEvent) => Events {
  let callsBegun = 0;
  let hasArguments = false;

  const startCall = (delta: JsonRecord | undefined): Events => {
    const call = recordAt(delta, 'tool_calls') ?? {};
    const called = recordAt(call, 'function') ?? {};
    const index = callsBegun++;
    const text = stringAt(called, 'arguments');
    hasArguments = text !== undefined;
    const begun: ConversationEvent = { type: 'tool-call', index, id: stringAt(call, 'id') ?? '', name: stringAt(called, 'name') ?? '' };
    return text === undefined ? [begun] : [begun, { type: 'tool-arguments', index, text }];
  };

  const addArguments = (delta: JsonRecord | undefined): Events => {
    const text = stringAt(recordAt(recordAt(delta, 'tool_calls'), 'function') ?? {}, 'arguments');
    if (text === undefined || callsBegun === 0) return NOTHING;
    hasArguments = true;
    return [{ type: 'tool-arguments', index: callsBegun - 1, text }];
  };

  return ({ data }) => {
    if (data === undefined || data.trim() === '[DONE]') return NOTHING;
    const event = parseRecord(data);
    if (event === undefined) throw new GatewayError('upstream_invalid_response', 'The provider sent a stream event that is not JSON.');
    const message = recordAt(recordAt(event, 'delta'), 'message');
    switch (event['type']) {
      case 'message-start':
        return [{ type: 'start', model: '' }];
      case 'content-start':
      case 'content-delta':
        return decodeContent(recordAt(message, 'content'));
      case 'tool-plan-delta':
        return textEvent('text', message?.['tool_plan']);
      case 'tool-call-start':
        return startCall(message);
      case 'tool-call-delta':
        return addArguments(message);
      case 'tool-call-end':
        // OpenAI clients parse the arguments of every call as JSON
        return hasArguments ? NOTHING : [{ type: 'tool-arguments', index: callsBegun - 1, text: '{}' }];
      case 'message-end':
        return endOf(recordAt(event, 'delta') ?? {});
      default:
        return NOTHING;
    }
  };
}

function decodeContent(content: JsonRecord | undefined): Events {
  const thinking = textEvent('reasoning', content?.['thinking']);
  return thinking.length > 0 ? thinking : textEvent('text', content?.['text']);
}

function textEvent(type: 'text' | 'reasoning', text: unknown): Events {
  return typeof text === 'string' && text !== '' ? [{ type, text }] : NOTHING;
}

function endOf(delta: JsonRecord): Events {
  const usage = recordAt(delta, 'usage');
  // an end that is a failure throws here, with the provider's own words where it has some
  const error = stringAt(delta, 'error');
  if (error !== undefined && delta['finish_reason'] === 'ERROR') throw new GatewayError('upstream_error', error.slice(0, 1_000));
  const reason = mapFinishReason(delta['finish_reason']);
  return [...(usage === undefined ? [] : [{ type: 'usage', usage: mapUsage(usage) } as const]), { type: 'finish', reason }];
}
