import type { ContentPart, ImageBytes, MediaPart, TextPart } from '../conversation/content-part.ts';
import type { Message } from '../conversation/message.ts';
import { unpackToolCallId } from '../conversation/signature.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, parseRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { createTurnList } from './assistant-turns.ts';
import { createCallPairing } from './call-pairing.ts';
import { decodeContent } from './decode-content.ts';
import { decodeImage } from './decode-response.ts';
import { flatName } from './function-namespaces.ts';
import { decodeReasoningItem } from './reasoning-item.ts';

export interface DecodedInput {
  readonly system: readonly TextPart[];
  readonly messages: readonly Message[];
}

type ReadItem = (item: JsonRecord, at: string) => void;

/**
 * `input`, a string or items (https://platform.openai.com/docs/api-reference/responses/create#responses-create-input), as messages.
 * Neighbouring reasoning, messages and calls of the assistant are one turn. System and developer messages are collected, wherever
 * they stand. Every output must answer a call before it, and every call be answered. `onForeign` is called with the name of an item
 * that no other format has: it throws, or takes note that the item is left out. Throws `GatewayError` `invalid_request`.
 */
export function decodeInput(input: unknown, onForeign: (param: string) => void): DecodedInput {
  const items: unknown = typeof input === 'string' ? [{ role: 'user', content: input }].filter(({ content }) => content !== '') : input;
  if (!Array.isArray(items)) throw invalidField('input', 'must be a string or an array of items');
  const system: TextPart[] = [];
  const turns = createTurnList();
  const calls = createCallPairing();
  const readers: Readonly<Record<string, ReadItem>> = {
    message(item, at) {
      const parts = decodeContent(item['content'], `${at}.content`);
      const role = item['role'];
      if (role === 'assistant') return void turns.assistant().parts.push(...parts);
      if (role === 'system' || role === 'developer') return void system.push(...onlyText(parts, at));
      if (role !== 'user') throw invalidField(`${at}.role`, 'must be "user", "assistant", "system" or "developer"');
      calls.requireAnswers();
      turns.push({ role, parts });
    },
    function_call(item, at) {
      const call = decodeCall(item, at);
      calls.open(call.id, at);
      turns.assistant().toolCalls.push(call);
    },
    function_call_output(item, at) {
      const parts = decodeContent(item['output'], `${at}.output`);
      turns.push({ role: 'tool', toolCallId: calls.answer(item, at), parts, isError: false, cacheControl: undefined });
    },
    reasoning(item) {
      const block = decodeReasoningItem(item);
      if (block !== undefined) turns.assistant().reasoning.push(block);
    },
    image_generation_call: (item) => void turns.assistant().parts.push(...decodeImage(item).map(pictureOf)),
    item_reference(_item, at) {
      throw unsupportedParameter(at, 'It has no stored item of this id; send the item itself.');
    },
  };
  items.forEach((item: unknown, index) => {
    const at = `input[${index}]`;
    if (!isRecord(item)) throw invalidField(at, 'must be an object');
    const type = item['type'] ?? 'message';
    const read = typeof type === 'string' && Object.hasOwn(readers, type) ? readers[type] : undefined;
    if (read === undefined) onForeign(`${at}.type`);
    else read(item, at);
  });
  calls.requireAnswers();
  return { system, messages: turns.messages() };
}

function pictureOf(image: ImageBytes): MediaPart {
  return { type: 'media', source: { kind: 'base64', ...image } };
}

function onlyText(parts: readonly ContentPart[], at: string): TextPart[] {
  return parts.map((part, index) => {
    if (part.type !== 'text') throw invalidField(`${at}.content[${index}]`, 'must be text in a system message');
    return part;
  });
}

function decodeCall(item: JsonRecord, at: string): ToolCall {
  const packed = stringAt(item, 'call_id');
  const name = stringAt(item, 'name');
  if (packed === undefined) throw invalidField(`${at}.call_id`, 'must be a string');
  if (name === undefined) throw invalidField(`${at}.name`, 'must be a string');
  const text = item['arguments'] ?? '';
  if (text !== '' && (typeof text !== 'string' || parseRecord(text) === undefined)) {
    throw invalidField(`${at}.arguments`, 'must be the JSON text of an object');
  }
  const { id, signature } = unpackToolCallId(packed);
  const flat = flatName({ name, namespace: stringAt(item, 'namespace') });
  return { id, name: flat, argumentsText: text === '' ? '{}' : text, signature };
}
