import { GatewayError } from '#contracts';
import { unpackThinking } from '../conversation/pack-reasoning.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import type { ServerSentEvent } from '../sse/parse-event.ts';
import { mapError as mapOwnError } from './map-error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

type Events = readonly ConversationEvent[];
const NOTHING: Events = [];

/** One content block of the answer while it is being streamed. */
type OpenBlock =
  | { readonly type: 'text' }
  | { readonly type: 'thinking'; text: string; signature: string }
  | { readonly type: 'tool'; readonly index: number; readonly input: string; hasArguments: boolean }
  | { readonly type: 'other' };

/**
 * Anthropic's stream (https://docs.anthropic.com/en/docs/build-with-claude/streaming) as conversation events:
 * message_start, then per block start, deltas and stop, message_delta with the stop reason, message_stop. Pings and block types
 * we have no name for give nothing. Throws `GatewayError` for an `error` event and for events out of order.
 */
export function createStreamDecoder(mapError = mapOwnError): (event: ServerSentEvent) => Events {
  const blocks = new Map<unknown, OpenBlock>();
  const usage: Record<string, unknown> = {};
  let stopReason: unknown;
  let hasStarted = false;
  let toolCalls = 0;

  const mergeUsage = (stated: JsonRecord | undefined): Events => {
    if (stated === undefined) return NOTHING;
    // the later statement is cumulative, and leaves out (or nulls) what it repeats from the start
    for (const [key, value] of Object.entries(stated)) if (value !== null) usage[key] = value;
    return [{ type: 'usage', usage: mapUsage(usage) }];
  };

  const start = (data: JsonRecord): Events => {
    const message = recordAt(data, 'message') ?? {};
    hasStarted = true;
    return [{ type: 'start', model: stringAt(message, 'model') ?? '' }, ...mergeUsage(recordAt(message, 'usage'))];
  };

  const startBlock = (data: JsonRecord): Events => {
    const block = recordAt(data, 'content_block') ?? {};
    const opened = openBlock(block, toolCalls);
    blocks.set(data['index'], opened);
    if (opened.type !== 'tool') return startedContent(block);
    toolCalls += 1;
    return [{ type: 'tool-call', index: opened.index, id: stringAt(block, 'id') ?? '', name: stringAt(block, 'name') ?? '' }];
  };

  const handlers: Readonly<Record<string, (data: JsonRecord) => Events>> = {
    message_start: start,
    content_block_start: startBlock,
    content_block_delta: (data) => decodeDelta(blocks.get(data['index']), recordAt(data, 'delta') ?? {}),
    content_block_stop: (data) => stopBlock(blocks.get(data['index'])),
    message_delta: (data) => {
      stopReason = recordAt(data, 'delta')?.['stop_reason'] ?? stopReason;
      return mergeUsage(recordAt(data, 'usage'));
    },
    message_stop: () => [{ type: 'finish', reason: mapFinishReason(stopReason) }],
  };

  return ({ event, data: text }) => {
    if (text === undefined) return NOTHING;
    const data = parseRecord(text);
    if (data === undefined) throw invalidEvent('a stream event that is not JSON');
    if (isFailure(event, data)) throw mapError({ status: undefined, headers: {}, body: Buffer.from(text), nowMs: 0 });
    const handle = handlers[stringAt(data, 'type') ?? ''];
    if (handle === undefined) return NOTHING;
    if (!hasStarted && data['type'] !== 'message_start') throw invalidEvent('stream events before message_start');
    return handle(data);
  };
}

function openBlock(block: JsonRecord, toolCalls: number): OpenBlock {
  if (block['type'] === 'text') return { type: 'text' };
  if (block['type'] === 'thinking')
    return { type: 'thinking', text: stringAt(block, 'thinking') ?? '', signature: stringAt(block, 'signature') ?? '' };
  if (block['type'] !== 'tool_use') return { type: 'other' };
  // some hosts give the whole input here and no deltas
  return { type: 'tool', index: toolCalls, input: JSON.stringify(block['input'] ?? {}), hasArguments: false };
}

/** A block may start with content: usually none, and all of it for redacted reasoning. */
function startedContent(block: JsonRecord): Events {
  const text = stringAt(block, 'text');
  const thinking = stringAt(block, 'thinking');
  if (block['type'] === 'text' && text !== undefined) return [{ type: 'text', text }];
  if (block['type'] === 'thinking' && thinking !== undefined) return [{ type: 'reasoning', text: thinking }];
  const data = stringAt(block, 'data');
  return block['type'] === 'redacted_thinking' && data !== undefined
    ? [{ type: 'reasoning-block', block: { type: 'redacted', data } }]
    : NOTHING;
}

function decodeDelta(block: OpenBlock | undefined, delta: JsonRecord): Events {
  if (block === undefined) throw invalidEvent('a delta for a block that has not begun');
  switch (delta['type']) {
    case 'text_delta':
      return typeof delta['text'] === 'string' && block.type === 'text' ? [{ type: 'text', text: delta['text'] }] : NOTHING;
    case 'thinking_delta': {
      if (block.type !== 'thinking' || typeof delta['thinking'] !== 'string') return NOTHING;
      block.text += delta['thinking'];
      return [{ type: 'reasoning', text: delta['thinking'] }];
    }
    case 'signature_delta':
      if (block.type === 'thinking' && typeof delta['signature'] === 'string') block.signature += delta['signature'];
      return NOTHING;
    case 'input_json_delta': {
      const text = stringAt(delta, 'partial_json');
      if (block.type !== 'tool' || text === undefined) return NOTHING;
      block.hasArguments = true;
      return [{ type: 'tool-arguments', index: block.index, text }];
    }
    default:
      return NOTHING;
  }
}

function stopBlock(block: OpenBlock | undefined): Events {
  if (block?.type === 'thinking') {
    return [{ type: 'reasoning-block', block: unpackThinking(block.text, block.signature) }];
  }
  // a call without arguments sends no delta, and OpenAI clients parse the arguments as JSON
  if (block?.type === 'tool' && !block.hasArguments) return [{ type: 'tool-arguments', index: block.index, text: block.input }];
  return NOTHING;
}

/** An `error` event of Anthropic's, or an `exception` as AWS's framing gives one on. */
export function isFailure(event: string | undefined, data: JsonRecord): boolean {
  return data['type'] === 'error' || event === 'error' || event === 'exception';
}

function invalidEvent(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
