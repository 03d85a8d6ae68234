import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, parseRecord, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { failureOf, mapErrorValue } from './map-error.ts';
import { finishReasonOf, isCall } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';
import { textOfItem } from './reasoning-item.ts';

/** A whole `response` object. Throws `GatewayError`: `upstream_invalid_response`, or the error of a response that failed. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const response = readResponse(body);
  const items = outputOf(response);
  return {
    model: stringAt(response, 'model') ?? '',
    text: items.map(textOfMessage).join(''),
    reasoning: items.flatMap(decodeReasoning),
    toolCalls: items.flatMap(decodeCall),
    images: items.flatMap(decodeImage),
    finishReason: finishReasonOf(response),
    usage: mapUsage(response),
  };
}

/** The parsed object of a 2xx answer that did not fail. */
export function readResponse(body: Uint8Array): JsonRecord {
  const response = parseRecord(textOf(body));
  if (response === undefined) throw invalidAnswer('an answer that is not a JSON object');
  if (isRecord(response['error']) && response['output'] === undefined) throw mapErrorValue(response);
  const failure = failureOf(response);
  if (failure !== undefined) throw failure;
  return response;
}

export function outputOf(response: JsonRecord): JsonRecord[] {
  const output = response['output'];
  if (!Array.isArray(output)) throw invalidAnswer("an answer without 'output'");
  return output.filter(isRecord);
}

function textOfMessage(item: JsonRecord): string {
  const content = item['content'];
  if (item['type'] !== 'message' || !Array.isArray(content)) return '';
  return content
    .filter(isRecord)
    .map((part) => stringAt(part, 'text') ?? stringAt(part, 'refusal') ?? '')
    .join('');
}

/** Undefined data: the provider keeps the reasoning, or (open models) shows all of it. */
export function decodeReasoning(item: JsonRecord): ReasoningBlock[] {
  if (item['type'] !== 'reasoning') return [];
  const text = textOfItem(item);
  const data = stringAt(item, 'encrypted_content');
  if (data !== undefined) return [{ type: 'encrypted', id: stringAt(item, 'id') ?? '', summary: text, data }];
  return text === '' ? [] : [{ type: 'plain', text }];
}

/** A custom tool's input is free text: other formats know calls with JSON only. */
export function decodeCall(item: JsonRecord): ToolCall[] {
  const name = stringAt(item, 'name');
  const id = stringAt(item, 'call_id') ?? stringAt(item, 'id');
  if (!isCall(item) || name === undefined || id === undefined) return [];
  const argumentsText =
    item['type'] === 'custom_tool_call' ? JSON.stringify({ input: item['input'] ?? '' }) : (stringAt(item, 'arguments') ?? '{}');
  return [{ id, name, argumentsText }];
}

/** What `image_generation` made; it says its format in newer answers only. */
export function decodeImage(item: JsonRecord): ImageBytes[] {
  const data = stringAt(item, 'result');
  if (item['type'] !== 'image_generation_call' || data === undefined) return [];
  return [{ mediaType: `image/${stringAt(item, 'output_format') ?? 'png'}`, data }];
}

export function invalidAnswer(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
