import { GatewayError } from '#contracts';
import type { ContentPart, MediaPart } from '../conversation/content-part.ts';
import type { Message } from '../conversation/message.ts';
import type { ConversationRequest } from '../conversation/request.ts';
import type { JsonRecord } from '../json/record.ts';

/** System text is a message of its own here; calls and results look like OpenAI's. Reasoning is not taken back. */
export function encodeMessages({ system, messages }: ConversationRequest): JsonRecord[] {
  const first = system.map((part) => part.text).join('\n\n');
  return [...(first === '' ? [] : [{ role: 'system', content: first }]), ...messages.map(encodeMessage)];
}

function encodeMessage(message: Message): JsonRecord {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: encodeContent(message.parts) };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: plainText(message.parts) };
    case 'assistant': {
      const content = plainText(message.parts);
      const calls = message.toolCalls.map(({ id, name, argumentsText }) => ({
        id,
        type: 'function',
        function: { name, arguments: argumentsText },
      }));
      if (calls.length === 0) return { role: 'assistant', content };
      // what is said beside a call is its plan
      return { role: 'assistant', ...(content === '' ? {} : { tool_plan: content }), tool_calls: calls };
    }
  }
}

function encodeContent(parts: readonly ContentPart[]): string | JsonRecord[] {
  const isText = parts.every((part) => part.type === 'text');
  return isText ? plainText(parts) : parts.map(encodePart);
}

function encodePart(part: ContentPart): JsonRecord {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return part.type === 'media' ? encodeMedia(part) : part.value;
}

function encodeMedia({ source, title }: MediaPart): JsonRecord {
  if (source.kind === 'image-url') return { type: 'image_url', image_url: { url: source.url } };
  if (source.kind === 'base64' && source.mediaType.startsWith('image/')) {
    return { type: 'image_url', image_url: { url: `data:${source.mediaType};base64,${source.data}` } };
  }
  if (source.kind === 'base64' && source.mediaType.startsWith('text/')) {
    const text = Buffer.from(source.data, 'base64').toString();
    return { type: 'text', text: title === undefined ? text : `${title}\n\n${text}` };
  }
  throw new GatewayError('invalid_request', 'The provider of this model takes text and images in messages, no other files.', {
    param: 'messages',
    retry: 'elsewhere',
  });
}

function plainText(parts: readonly ContentPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : JSON.stringify(encodePart(part)))).join('');
}
