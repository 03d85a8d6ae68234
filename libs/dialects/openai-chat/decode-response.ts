import { GatewayError } from '#contracts';
import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { isErrorBody } from './relay-response.ts';
import { mapError } from './map-error.ts';
import { failureOfFinishReason, mapFinishReason } from './map-finish-reason.ts';
import { usageOfAnswer } from './map-usage.ts';
import { readContent } from './read-content.ts';

/**
 * A whole `chat.completion` object; of several choices the first. Throws `GatewayError`: `upstream_invalid_response`, or the error
 * a provider put into a 200.
 */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const answer = parseAnswer(textOf(body));
  // without a status there is no header that could say a date
  if (isErrorBody(answer)) throw mapError({ status: undefined, headers: {}, body, nowMs: 0 });
  const choices = answer['choices'];
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = isRecord(choice) ? recordAt(choice, 'message') : undefined;
  if (!isRecord(choice) || message === undefined) throw invalidAnswer("an answer without a message in 'choices'");
  const { text, reasoning } = readContent(message);
  const toolCalls = decodeCalls(message, stringAt(answer, 'id') ?? '');
  return {
    model: stringAt(answer, 'model') ?? '',
    text,
    reasoning: decodeBlocks(message, reasoning),
    toolCalls,
    finishReason: finishReasonOf(choice['finish_reason'], toolCalls.length > 0),
    usage: usageOfAnswer(answer),
  };
}

/** Hosts that say `stop` behind tool calls mean that the calls are to be made. Throws when the reason is a failure. */
export function finishReasonOf(reason: unknown, hasCalls: boolean): FinishReason {
  const word = typeof reason === 'string' ? reason : '';
  const failure = failureOfFinishReason(word);
  if (failure !== undefined) throw failure;
  const mapped = mapFinishReason(word);
  return mapped === 'stop' && hasCalls ? 'tool_calls' : mapped;
}

/** Hosts leave ids out, and clients need them: unique in a conversation, as the answer's own id is. */
export function inventedCallId(answerId: string, index: number): string {
  return `call_${answerId.replaceAll(/[^\w-]/g, '')}_${index}`;
}

/** Arguments as JSON text; some hosts send the object itself, or nothing for a call without any. */
export function argumentsTextOf(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' ? '' : value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** Blocks that are passed on by another gateway, else the plain text. */
function decodeBlocks(message: JsonRecord, text: string): ReasoningBlock[] {
  const blocks = decodeReasoning(message['thinking_blocks'] ?? [], 'thinking_blocks');
  if (blocks.length > 0) return blocks;
  return text === '' ? [] : [{ type: 'plain', text }];
}

function decodeCalls(message: JsonRecord, answerId: string): ToolCall[] {
  const listed = message['tool_calls'];
  const calls: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const legacy = recordAt(message, 'function_call');
  const all = calls.length === 0 && legacy !== undefined ? [{ function: legacy }] : calls;
  return all.map((call, index) => decodeCall(call, inventedCallId(answerId, index))).filter((call) => call !== undefined);
}

function decodeCall(call: unknown, inventedId: string): ToolCall | undefined {
  const called = isRecord(call) ? recordAt(call, 'function') : undefined;
  const name = called === undefined ? undefined : stringAt(called, 'name');
  if (!isRecord(call) || called === undefined || name === undefined) return undefined;
  return { id: stringAt(call, 'id') ?? inventedId, name, argumentsText: argumentsTextOf(called['arguments']) || '{}' };
}

function parseAnswer(text: string): JsonRecord {
  try {
    const value = parseExact(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw invalidAnswer('an answer that is not JSON', error);
  }
  throw invalidAnswer('an answer that is not a JSON object');
}

function invalidAnswer(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`, { cause });
}
