import { GatewayError, type TokenUsage } from '#contracts';
import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, textOf, type JsonRecord } from '../json/record.ts';
import { mapError } from './map-error.ts';
import { createAnswerReader } from './read-answer.ts';

/**
 * A whole `GenerateContentResponse`, or the array of them that a stream without `alt=sse` is. Throws `GatewayError`:
 * `upstream_invalid_response`, `content_policy_violation` for a refused prompt, or the error a provider put into a 200.
 */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const source = textOf(body);
  const reader = createAnswerReader();
  const events: ConversationEvent[] = [];
  for (const response of responsesOf(source)) {
    if (recordAt(response, 'error') !== undefined) throw mapError({ status: undefined, headers: {}, body, nowMs: 0 });
    events.push(...reader.read(response, source));
    if (!Array.isArray(response['candidates'])) throw invalidAnswer("an answer without 'candidates'");
  }
  return collect([...events, ...reader.close()]);
}

function responsesOf(source: string): readonly JsonRecord[] {
  const value = parse(source);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const responses = list.filter(isRecord);
  if (responses.length === 0) throw invalidAnswer('an answer that is not a JSON object');
  return responses;
}

function parse(source: string): unknown {
  try {
    return parseExact(source);
  } catch (error) {
    throw invalidAnswer('an answer that is not JSON', error);
  }
}

/** One body is whole however it ends: without a finish reason it is a `stop`. */
function collect(events: readonly ConversationEvent[]): ConversationAnswer {
  let model = '';
  let text = '';
  let usage: TokenUsage | undefined;
  let finishReason: FinishReason = 'stop';
  const reasoning: ReasoningBlock[] = [];
  const images: ImageBytes[] = [];
  const toolCalls: ToolCall[] = [];
  for (const event of events) {
    if (event.type === 'start') model = event.model;
    else if (event.type === 'text') {
      text += event.text;
      if (event.image !== undefined) images.push(event.image);
    } else if (event.type === 'reasoning-block') reasoning.push(event.block);
    else if (event.type === 'tool-call') toolCalls.push({ id: event.id, name: event.name, argumentsText: '', signature: event.signature });
    else if (event.type === 'tool-arguments') fillArguments(toolCalls, event.index, event.text);
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'finish') finishReason = event.reason;
  }
  return { model, text, reasoning, toolCalls, finishReason, usage, ...(images.length === 0 ? {} : { images }) };
}

function fillArguments(calls: ToolCall[], index: number, argumentsText: string): void {
  const call = calls[index];
  if (call !== undefined) calls[index] = { ...call, argumentsText };
}

function invalidAnswer(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`, { cause });
}
