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

export function createToolCallLedger(): ToolCallLedger {
  let waiting = new Set<string>();
  let answered = new Set<string>();
  let turnAt = '';

  const closeTurn = (): void => {
    const [missing] = waiting;
    if (missing !== undefined) {
      throw invalidField(`${turnAt}.tool_calls`, `must each be answered by a tool message before the next turn; "${missing}" is not`);
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
      if (answered.has(toolCallId)) throw invalidField(`${at}.tool_call_id`, 'answers a tool call that has its answer already');
      if (!waiting.delete(toolCallId)) {
        throw invalidField(`${at}.tool_call_id`, 'must be the id of a tool call in the assistant message before it');
      }
      answered.add(toolCallId);
    },
  };
}
