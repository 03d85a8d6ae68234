import { GatewayError } from '#contracts';
import type { ContentPart } from '../conversation/content-part.ts';
import type { Message } from '../conversation/message.ts';

/** The models' own templates wrap one question: a conversation of several turns is told as a dialogue, to be continued. */
export function encodePrompt(messages: readonly Message[]): string {
  const [only] = messages;
  if (messages.length === 1 && only?.role === 'user') return textOf(only.parts);
  const turns = messages.map(encodeTurn);
  return [...turns, ...(messages.at(-1)?.role === 'assistant' ? [] : ['Assistant:'])].join('\n\n');
}

function encodeTurn(message: Message): string {
  switch (message.role) {
    case 'user':
      return `User: ${textOf(message.parts)}`;
    case 'tool':
      return `Result of ${message.toolCallId}: ${textOf(message.parts)}`;
    case 'assistant': {
      const calls = message.toolCalls.map(({ id, name, argumentsText }) => `Call ${id}: ${name}(${argumentsText})`);
      return ['Assistant:', textOf(message.parts), ...calls].filter(Boolean).join(' ');
    }
  }
}

function textOf(parts: readonly ContentPart[]): string {
  return parts
    .map((part) => {
      if (part.type === 'text') return part.text;
      throw new GatewayError('invalid_request', 'The provider of this model takes text in messages, no files.', {
        param: 'messages',
        retry: 'elsewhere',
      });
    })
    .join('\n\n');
}
