import { GatewayError } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { EventDecoder } from '../dialect-codec.ts';
import { parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { ANSWER_TOOL } from './answer-tool.ts';
import { reasoningBlock } from './decode-response.ts';
import { mapError } from './map-error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

type Events = readonly ConversationEvent[];
const NOTHING: Events = [];

/** One content block of the answer while it is being streamed; only calls are announced by a start. */
type OpenBlock =
  | { readonly type: 'text' }
  | { readonly type: 'reasoning'; text: string; signature: string; readonly redacted: Buffer[] }
  | { readonly type: 'tool'; readonly index: number; hasArguments: boolean }
  /** The call that stands for an answer of the client's schema. */
  | { readonly type: 'answer' }
  /** A call that Bedrock runs itself, a picture, what is new to us. */
  | { readonly type: 'other' };

/**
 * ConverseStream's events (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html): messageStart, per
 * block deltas and a stop, messageStop with the reason, metadata with the usage. The answer is complete with messageStop; the finish waits
 * for the metadata, or for the close of the connection. Throws `GatewayError` for an exception and for events out of order.
 */
export function createStreamDecoder(): EventDecoder {
  const blocks = new Map<unknown, OpenBlock>();
  let hasStarted = false;
  let toolCalls = 0;
  let finish: FinishReason | undefined;

  const finished = (): Events => {
    if (finish === undefined) return NOTHING;
    const reason = finish === 'tool_calls' && toolCalls === 0 ? 'stop' : finish;
    return [{ type: 'finish', reason }];
  };

  const startBlock = (data: JsonRecord): Events => {
    const start = recordAt(data, 'start') ?? {};
    const use = recordAt(start, 'toolUse');
    if (use === undefined) {
      // blocks of text and reasoning show what they are with their first delta, started or not
      if (Object.keys(start).some((kind) => kind === 'toolResult' || kind === 'image'))
        blocks.set(data['contentBlockIndex'], { type: 'other' });
      return NOTHING;
    }
    const block = openCall(use, toolCalls);
    blocks.set(data['contentBlockIndex'], block);
    if (block.type !== 'tool') return NOTHING;
    toolCalls += 1;
    return [{ type: 'tool-call', index: block.index, id: stringAt(use, 'toolUseId') ?? '', name: stringAt(use, 'name') ?? '' }];
  };

  const delta = (data: JsonRecord): Events => {
    const index = data['contentBlockIndex'];
    const change = recordAt(data, 'delta') ?? {};
    let block = blocks.get(index);
    if (block === undefined) {
      if (change['toolUse'] !== undefined) throw invalidEvent('arguments of a call that has not begun');
      block = openByDelta(change);
      blocks.set(index, block);
    }
    return decodeDelta(block, change);
  };

  const handlers: Readonly<Record<string, (data: JsonRecord) => Events>> = {
    messageStart: () => {
      hasStarted = true;
      return [{ type: 'start', model: '' }];
    },
    contentBlockStart: startBlock,
    contentBlockDelta: delta,
    contentBlockStop: (data) => {
      const block = blocks.get(data['contentBlockIndex']);
      blocks.delete(data['contentBlockIndex']);
      return stopBlock(block);
    },
    messageStop: (data) => {
      finish = mapFinishReason(data['stopReason']);
      return NOTHING;
    },
    metadata: (data) => {
      const usage = recordAt(data, 'usage');
      const stated: Events = usage === undefined ? NOTHING : [{ type: 'usage', usage: mapUsage(usage, recordAt(data, 'serviceTier')) }];
      return [...stated, ...finished()];
    },
  };

  const decode = ({ event, data: text }: { readonly event: string | undefined; readonly data: string | undefined }): Events => {
    if (text === undefined) return NOTHING;
    const data = parseRecord(text);
    if (data === undefined) throw invalidEvent('a stream event that is not JSON');
    if (event === 'exception') throw mapError({ status: undefined, headers: {}, body: Buffer.from(text), nowMs: 0 });
    const handle = handlers[event ?? ''];
    if (handle === undefined) return NOTHING;
    if (!hasStarted && event !== 'messageStart') throw invalidEvent('stream events before messageStart');
    return handle(data);
  };
  return Object.assign(decode, { close: finished });
}

function openCall(use: JsonRecord, toolCalls: number): OpenBlock {
  if (use['type'] === 'server_tool_use') return { type: 'other' };
  return use['name'] === ANSWER_TOOL ? { type: 'answer' } : { type: 'tool', index: toolCalls, hasArguments: false };
}

function openByDelta(change: JsonRecord): OpenBlock {
  if (typeof change['text'] === 'string') return { type: 'text' };
  return change['reasoningContent'] === undefined ? { type: 'other' } : { type: 'reasoning', text: '', signature: '', redacted: [] };
}

function decodeDelta(block: OpenBlock, change: JsonRecord): Events {
  switch (block.type) {
    case 'text': {
      const text = stringAt(change, 'text');
      return text === undefined ? NOTHING : [{ type: 'text', text }];
    }
    case 'reasoning':
      return decodeReasoningDelta(block, recordAt(change, 'reasoningContent') ?? {});
    case 'tool':
    case 'answer': {
      const text = stringAt(recordAt(change, 'toolUse') ?? {}, 'input');
      if (text === undefined) return NOTHING;
      if (block.type === 'answer') return [{ type: 'text', text }];
      block.hasArguments = true;
      return [{ type: 'tool-arguments', index: block.index, text }];
    }
    case 'other':
      return NOTHING;
  }
}

function decodeReasoningDelta(block: Extract<OpenBlock, { type: 'reasoning' }>, change: JsonRecord): Events {
  block.signature += stringAt(change, 'signature') ?? '';
  const redacted = stringAt(change, 'redactedContent');
  if (redacted !== undefined) block.redacted.push(Buffer.from(redacted, 'base64'));
  const text = stringAt(change, 'text');
  if (text === undefined) return NOTHING;
  block.text += text;
  return [{ type: 'reasoning', text }];
}

function stopBlock(block: OpenBlock | undefined): Events {
  if (block?.type === 'reasoning') {
    if (block.redacted.length === 0) return [{ type: 'reasoning-block', block: reasoningBlock(block.text, block.signature) }];
    return [{ type: 'reasoning-block', block: { type: 'redacted', data: Buffer.concat(block.redacted).toString('base64') } }];
  }
  // a call without arguments sends no delta, and OpenAI clients parse the arguments as JSON
  if (block?.type === 'tool' && !block.hasArguments) return [{ type: 'tool-arguments', index: block.index, text: '{}' }];
  return NOTHING;
}

function invalidEvent(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
