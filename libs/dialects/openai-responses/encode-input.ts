import type { ContentPart, MediaPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import type { JsonRecord } from '../json/record.ts';

/** Messages as items (https://platform.openai.com/docs/api-reference/responses/create#responses-create-input). */
export function encodeInput(messages: readonly Message[]): JsonRecord[] {
  return messages.flatMap(encodeMessage);
}

function encodeMessage(message: Message): JsonRecord[] {
  switch (message.role) {
    case 'user':
      return [{ type: 'message', role: 'user', content: message.parts.map(encodePart) }];
    case 'assistant':
      return encodeAssistant(message);
    case 'tool':
      return [encodeToolResult(message)];
  }
}

/** Reasoning must be followed by what it led to: alone it is refused, and says nothing. */
function encodeAssistant({ reasoning, parts, toolCalls }: AssistantMessage): JsonRecord[] {
  const items: JsonRecord[] = [];
  if (parts.length > 0) items.push({ type: 'message', role: 'assistant', content: parts.map(encodeOwnPart) });
  for (const call of toolCalls) items.push({ type: 'function_call', call_id: call.id, name: call.name, arguments: call.argumentsText });
  return items.length === 0 ? [] : [...reasoning.flatMap(encodeReasoning), ...items];
}

/** Only what OpenAI encrypted is taken back: reasoning of another model stays out. */
function encodeReasoning(block: ReasoningBlock): JsonRecord[] {
  if (block.type !== 'encrypted' || block.data === undefined) return [];
  const summary = block.summary === '' ? [] : [{ type: 'summary_text', text: block.summary }];
  return [{ type: 'reasoning', id: block.id, summary, encrypted_content: block.data }];
}

function encodeToolResult({ toolCallId, parts }: ToolResultMessage): JsonRecord {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const output = texts.length === parts.length ? texts.join('') : parts.map(encodePart);
  return { type: 'function_call_output', call_id: toolCallId, output };
}

function encodeOwnPart(part: ContentPart): JsonRecord {
  return part.type === 'text' ? { type: 'output_text', text: part.text } : encodePart(part);
}

function encodePart(part: ContentPart): JsonRecord {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'media':
      return encodeMedia(part);
    case 'opaque':
      return part.value;
  }
}

function encodeMedia({ source, title }: MediaPart): JsonRecord {
  switch (source.kind) {
    case 'image-url':
      return { type: 'input_image', image_url: source.url, detail: 'auto' };
    case 'document-url':
      return { type: 'input_file', file_url: source.url };
    case 'file-id':
      return source.mediaType?.startsWith('image/') === true
        ? { type: 'input_image', file_id: source.fileId, detail: 'auto' }
        : { type: 'input_file', file_id: source.fileId };
    case 'base64': {
      const url = `data:${source.mediaType};base64,${source.data}`;
      if (source.mediaType.startsWith('image/')) return { type: 'input_image', image_url: url, detail: 'auto' };
      // a file is refused without a name
      return { type: 'input_file', filename: title ?? `document.${source.mediaType.split('/').at(-1) ?? 'bin'}`, file_data: url };
    }
  }
}
