import { GatewayError } from '#contracts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import type { StreamState } from '../stream-state.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** Blocks that begin empty: their deltas are their content. All others are content from their start (a tool call's name). */
const EMPTY_AT_START: ReadonlySet<unknown> = new Set(['text', 'thinking']);
/** The members of deltas that a model produced. */
const DELTA_TEXTS = ['text', 'thinking', 'partial_json'] as const;

/**
 * Reads the events of one stream and writes what they say into `state`; it is done with `message_stop`. Throws `GatewayError` for events
 * before the message has begun.
 */
export function createEventTracker(state: StreamState): (event: JsonRecord) => void {
  const stated: Record<string, unknown> = {};
  let hasStarted = false;

  /** The later statement is cumulative, and leaves out (or nulls) what it repeats from the start. */
  const mergeUsage = (usage: JsonRecord | undefined): void => {
    if (usage === undefined) return;
    for (const key in usage) if (usage[key] !== null) stated[key] = usage[key];
    state.usage = mapUsage(stated);
  };

  const startBlock = (block: JsonRecord): void => {
    const text = textOfBlock(block);
    state.producedText += text;
    state.hasContent ||= text !== '' || !EMPTY_AT_START.has(block['type']);
  };

  const addDelta = (delta: JsonRecord): void => {
    for (const key of DELTA_TEXTS) {
      const text = delta[key];
      if (typeof text !== 'string' || text === '') continue;
      state.producedText += text;
      state.hasContent = true;
    }
  };

  return (event) => {
    const type = event['type'];
    if (type === 'message_start') {
      hasStarted = true;
      mergeUsage(recordAt(recordAt(event, 'message'), 'usage'));
      return;
    }
    if (!hasStarted && typeof type === 'string' && /^(?:content_block|message)_/.test(type)) throw tooEarly();
    if (type === 'content_block_delta') addDelta(recordAt(event, 'delta') ?? {});
    else if (type === 'content_block_start') startBlock(recordAt(event, 'content_block') ?? {});
    else if (type === 'message_delta') {
      mergeUsage(recordAt(event, 'usage'));
      const reason = recordAt(event, 'delta')?.['stop_reason'];
      if (typeof reason === 'string') state.finishReason = mapFinishReason(reason);
    } else if (type === 'message_stop') state.isDone = true;
  };
}

function textOfBlock(block: JsonRecord): string {
  const text = block['type'] === 'tool_use' ? block['name'] : (block['text'] ?? block['thinking']);
  return typeof text === 'string' ? text : '';
}

function tooEarly(): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent stream events before message_start.');
}
