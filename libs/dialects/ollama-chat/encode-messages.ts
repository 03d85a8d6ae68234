import { GatewayError } from '#contracts';
import type { ContentPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message } from '../conversation/message.ts';
import { reasoningText } from '../conversation/pack-reasoning.ts';
import type { ConversationRequest } from '../conversation/request.ts';
import { parseExact } from '../json/exact-json.ts';
import type { JsonRecord } from '../json/record.ts';

/** Text is one string a message and images stand beside it as bare base64; calls have no ids, their results are told apart by name. */
export function encodeMessages({ system, messages }: ConversationRequest): JsonRecord[] {
  const first = system.map((part) => part.text).join('\n\n');
  const names = namesOfCalls(messages);
  return [...(first === '' ? [] : [{ role: 'system', content: first }]), ...messages.map((message) => encodeMessage(message, names))];
}

function namesOfCalls(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const call of message.toolCalls) names.set(call.id, call.name);
  }
  return names;
}

function encodeMessage(message: Message, names: ReadonlyMap<string, string>): JsonRecord {
  if (message.role === 'assistant') return encodeAssistant(message);
  const images = imagesOf(message.parts);
  const content = { content: textOf(message.parts), ...(images.length === 0 ? {} : { images }) };
  if (message.role === 'user') return { role: 'user', ...content };
  const name = names.get(message.toolCallId);
  return { role: 'tool', ...content, ...(name === undefined ? {} : { tool_name: name }) };
}

function encodeAssistant({ parts, toolCalls, reasoning }: AssistantMessage): JsonRecord {
  const thinking = reasoning
    .filter((block) => block.type === 'plain')
    .map(reasoningText)
    .join('');
  const calls = toolCalls.map(({ name, argumentsText }) => ({ function: { name, arguments: parseExact(argumentsText) } }));
  return {
    role: 'assistant',
    content: textOf(parts),
    ...(thinking === '' ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function textOf(parts: readonly ContentPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function imagesOf(parts: readonly ContentPart[]): string[] {
  return parts.flatMap((part) => {
    if (part.type === 'text') return [];
    if (part.type === 'media' && part.source.kind === 'base64' && part.source.mediaType.startsWith('image/')) return [part.source.data];
    throw new GatewayError('invalid_request', 'The provider of this model takes text and images in messages, no other files.', {
      param: 'messages',
      retry: 'elsewhere',
    });
  });
}
