import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, parseRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** A whole answer. Throws `GatewayError`: `upstream_invalid_response`, or the failure its finish reason names. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const answer = parseRecord(textOf(body));
  const message = recordAt(answer, 'message');
  if (answer === undefined || message === undefined) {
    throw new GatewayError('upstream_invalid_response', "The provider sent an answer without 'message'.");
  }
  const blocks = Array.isArray(message['content']) ? message['content'].filter(isRecord) : [];
  const usage = recordAt(answer, 'usage');
  const text = blocks.map((block) => (block['type'] === 'text' ? (stringAt(block, 'text') ?? '') : '')).join('');
  return {
    model: '',
    text: `${stringAt(message, 'tool_plan') ?? ''}${text}`,
    reasoning: blocks.map(decodeThinking).filter((block) => block !== undefined),
    toolCalls: decodeCalls(message['tool_calls']),
    finishReason: mapFinishReason(answer['finish_reason']),
    usage: usage === undefined ? undefined : mapUsage(usage),
  };
}

function decodeThinking(block: JsonRecord): ReasoningBlock | undefined {
  const text = block['type'] === 'thinking' ? stringAt(block, 'thinking') : undefined;
  return text === undefined ? undefined : { type: 'plain', text };
}

function decodeCalls(calls: unknown): ToolCall[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isRecord).map((call) => {
    const called = recordAt(call, 'function') ?? {};
    return { id: stringAt(call, 'id') ?? '', name: stringAt(called, 'name') ?? '', argumentsText: stringAt(called, 'arguments') ?? '{}' };
  });
}
