import type { ToolCall } from '../conversation/tool.ts';
import { invalidField } from './invalid-field.ts';

/** Keeps tool calls and their results in step while messages are read. All methods throw `invalid_request`. */
export interface ToolCallLedger {
  /** An assistant message with its calls (perhaps none) begins at `at`. */
  openTurn(calls: readonly ToolCall[], at: string): void;
  answer(toolCallId: string, at: string): void;
  /** Another turn begins: every call must have its answer. */
  closeTurn(): void;
}

/** What the client's format calls its parts, for errors. */
export interface ToolCallWords {
  /** Member of the assistant message that holds the calls. */
  readonly calls: string;
  readonly answer: string;
  /** Member of an answer that names its call. */
  readonly id: string;
}

const CHAT_WORDS: ToolCallWords = { calls: 'tool_calls', answer: 'tool message', id: 'tool_call_id' };

export function createToolCallLedger(words = CHAT_WORDS): ToolCallLedger {
  let waiting = new Set<string>();
  let answered = new Set<string>();
  let turnAt = '';

  const closeTurn = (): void => {
    const [missing] = waiting;
    if (missing !== undefined) {
      throw invalidField(
        `${turnAt}.${words.calls}`,
        `must have each tool call answered by a ${words.answer} before the next turn; "${missing}" is not`,
      );
    }
    answered = new Set();
  };

  return {
    closeTurn,
    openTurn: (calls, at) => {
      closeTurn();
      waiting = new Set(calls.map((call) => call.id));
      turnAt = at;
    },
    answer: (toolCallId, at) => {
      if (answered.has(toolCallId)) throw invalidField(`${at}.${words.id}`, 'answers a tool call that has its answer already');
      if (!waiting.delete(toolCallId)) {
        throw invalidField(`${at}.${words.id}`, 'must be the id of a tool call in the assistant message before it');
      }
      answered.add(toolCallId);
    },
  };
}
