import { GatewayError, type TokenUsage } from '#contracts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** What the events of one stream have said so far. */
export interface EventTracker {
  /** Throws `GatewayError` for events before the message has begun. */
  track(event: JsonRecord): void;
  /** `message_stop` has come. */
  readonly isComplete: boolean;
  readonly hasContent: boolean;
  readonly usage: TokenUsage | undefined;
  readonly finishReason: string | undefined;
  readonly producedText: string;
}

/** Blocks that begin empty: their deltas are their content. All others are content from their start (a tool call's name). */
const EMPTY_AT_START: ReadonlySet<unknown> = new Set(['text', 'thinking']);
/** The members of deltas that a model produced. */
const DELTA_TEXTS = ['text', 'thinking', 'partial_json'] as const;

export function createEventTracker(): EventTracker {
  const stated: Record<string, unknown> = {};
  let hasStarted = false;
  let isComplete = false;
  let hasContent = false;
  let hasUsage = false;
  let finishReason: string | undefined;
  let producedText = '';

  /** The later statement is cumulative, and leaves out (or nulls) what it repeats from the start. */
  const mergeUsage = (usage: JsonRecord | undefined): void => {
    if (usage === undefined) return;
    hasUsage = true;
    for (const key in usage) if (usage[key] !== null) stated[key] = usage[key];
  };

  const startBlock = (block: JsonRecord): void => {
    const text = textOfBlock(block);
    producedText += text;
    hasContent ||= text !== '' || !EMPTY_AT_START.has(block['type']);
  };

  const addDelta = (delta: JsonRecord): void => {
    for (const key of DELTA_TEXTS) {
      const text = delta[key];
      if (typeof text !== 'string' || text === '') continue;
      producedText += text;
      hasContent = true;
    }
  };

  return {
    track: (event) => {
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
        if (typeof reason === 'string') finishReason = mapFinishReason(reason);
      } else if (type === 'message_stop') isComplete = true;
    },
    get isComplete() {
      return isComplete;
    },
    get hasContent() {
      return hasContent;
    },
    get usage() {
      return hasUsage ? mapUsage(stated) : undefined;
    },
    get finishReason() {
      return finishReason;
    },
    get producedText() {
      return producedText;
    },
  };
}

function textOfBlock(block: JsonRecord): string {
  const text = block['type'] === 'tool_use' ? block['name'] : (block['text'] ?? block['thinking']);
  return typeof text === 'string' ? text : '';
}

function tooEarly(): GatewayError {
  return new GatewayError('upstream_invalid_response', 'The provider sent stream events before message_start.');
}
