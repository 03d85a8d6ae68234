import type { ToolCall } from '../conversation/tool.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

/** Finds the call a result belongs to, in a format where ids are optional. */
export interface CallMatcher {
  /** A turn of the model with its calls, perhaps none. */
  open(calls: readonly ToolCall[]): void;
  /** The id of the call that a result answers. Throws `invalid_request` when there is none. */
  answer(id: string | undefined, name: string | undefined, at: string): string;
}

export function createCallMatcher(): CallMatcher {
  let waiting: ToolCall[] = [];
  return {
    open: (calls) => {
      waiting = [...calls];
    },
    answer: (id, name, at) => {
      const byId = waiting.findIndex((call) => call.id === id);
      const index = byId === -1 ? waiting.findIndex((call) => call.name === name) : byId;
      const [call] = index === -1 ? [] : waiting.splice(index, 1);
      if (call === undefined)
        throw invalidField(`${at}.name`, 'must be the name of an unanswered function call in the model content before it');
      return call.id;
    },
  };
}
