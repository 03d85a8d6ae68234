import type { ContentPart } from '../conversation/content-part.ts';
import type { Message } from '../conversation/message.ts';
import type { ConversationRequest } from '../conversation/request.ts';

/** The conversation with the model's plain reasoning as parts of its turns, which is where it wants it back. */
export function withThinking(request: ConversationRequest): ConversationRequest {
  return { ...request, messages: request.messages.map(showThinking) };
}

function showThinking(message: Message): Message {
  if (message.role !== 'assistant') return message;
  const thoughts = message.reasoning.flatMap((block): ContentPart[] => {
    if (block.type !== 'plain' || block.text === '') return [];
    return [{ type: 'opaque', value: { type: 'thinking', thinking: [{ type: 'text', text: block.text }] } }];
  });
  return { ...message, parts: [...thoughts, ...message.parts] };
}
