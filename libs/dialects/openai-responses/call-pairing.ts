import { unpackToolCallId } from '../conversation/signature.ts';
import { stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

/** Keeps calls and their outputs in step while items are read. All methods but `open` throw `invalid_request`. */
export interface CallPairing {
  /** A call of this id stands at `at`. */
  open(id: string, at: string): void;
  /** The id of the call that an output item answers. */
  answer(output: JsonRecord, at: string): string;
  /** Something begins that can't come before the outputs. */
  requireAnswers(): void;
}

export function createCallPairing(): CallPairing {
  const waiting = new Map<string, string>();
  return {
    open: (id, at) => void waiting.set(id, at),
    answer(output, at) {
      const { id } = unpackToolCallId(stringAt(output, 'call_id') ?? '');
      if (waiting.delete(id)) return id;
      throw invalidField(`${at}.call_id`, 'must be the call_id of a function_call before it that has no output yet');
    },
    requireAnswers() {
      const [missing] = waiting;
      if (missing === undefined) return;
      const [id, at] = missing;
      throw invalidField(at, `must be answered by a function_call_output before the next message; call "${id}" is not`);
    },
  };
}
