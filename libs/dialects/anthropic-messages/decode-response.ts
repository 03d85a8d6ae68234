import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import { unpackThinking } from '../conversation/pack-reasoning.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, textOf, type JsonRecord } from '../json/record.ts';
import { mapError as mapOwnError } from './map-error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** A whole `message` object. Throws `GatewayError`: `upstream_invalid_response`, or the error a provider put into a 200. */
export function decodeResponse(body: Uint8Array, mapError = mapOwnError): ConversationAnswer {
  const message = parseMessage(textOf(body));
  // without a status there is no header that could say a date
  if (message['type'] === 'error' || recordAt(message, 'error') !== undefined)
    throw mapError({ status: undefined, headers: {}, body, nowMs: 0 });
  const content = message['content'];
  if (!Array.isArray(content)) throw invalidAnswer("an answer without 'content'");
  const usage = recordAt(message, 'usage');
  const blocks = content.filter(isRecord);
  return {
    model: typeof message['model'] === 'string' ? message['model'] : '',
    text: blocks.map((block) => (block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : '')).join(''),
    reasoning: blocks.map(decodeReasoning).filter((block) => block !== undefined),
    toolCalls: blocks.map(decodeToolUse).filter((call) => call !== undefined),
    finishReason: mapFinishReason(message['stop_reason']),
    usage: usage === undefined ? undefined : mapUsage(usage),
  };
}

function parseMessage(text: string): JsonRecord {
  try {
    const value = parseExact(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw invalidAnswer('an answer that is not JSON', error);
  }
  throw invalidAnswer('an answer that is not a JSON object');
}

export function decodeReasoning(block: JsonRecord): ReasoningBlock | undefined {
  if (block['type'] === 'redacted_thinking' && typeof block['data'] === 'string') return { type: 'redacted', data: block['data'] };
  if (block['type'] !== 'thinking' || typeof block['thinking'] !== 'string') return undefined;
  return unpackThinking(block['thinking'], typeof block['signature'] === 'string' ? block['signature'] : '');
}

function decodeToolUse(block: JsonRecord): ToolCall | undefined {
  if (block['type'] !== 'tool_use' || typeof block['id'] !== 'string' || typeof block['name'] !== 'string') return undefined;
  return { id: block['id'], name: block['name'], argumentsText: JSON.stringify(block['input'] ?? {}) };
}

function invalidAnswer(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`, { cause });
}
