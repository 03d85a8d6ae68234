import type { ContentPart } from '../conversation/content-part.ts';
import type { Message, ReasoningBlock } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';

/** An assistant turn while its items are being read. */
export interface OpenTurn {
  readonly role: 'assistant';
  readonly reasoning: ReasoningBlock[];
  readonly parts: ContentPart[];
  readonly toolCalls: ToolCall[];
}

/** Messages in which neighbouring items of the assistant are one turn, as other formats have them. */
export interface TurnList {
  /** The turn that is open, or a new one. */
  assistant(): OpenTurn;
  /** A message of anybody else ends the turn. */
  push(message: Exclude<Message, { readonly role: 'assistant' }>): void;
  messages(): Message[];
}

export function createTurnList(): TurnList {
  const messages: (OpenTurn | Message)[] = [];
  let open: OpenTurn | undefined;
  return {
    assistant() {
      if (open !== undefined) return open;
      open = { role: 'assistant', reasoning: [], parts: [], toolCalls: [] };
      messages.push(open);
      return open;
    },
    push(message) {
      open = undefined;
      messages.push(message);
    },
    messages: () => messages.filter((message) => message.role !== 'assistant' || !isEmpty(message)),
  };
}

function isEmpty(turn: Extract<Message, { readonly role: 'assistant' }>): boolean {
  return turn.reasoning.length === 0 && turn.parts.length === 0 && turn.toolCalls.length === 0;
}
