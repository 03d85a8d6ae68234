import { NO_USAGE, type TokenUsage } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { countAt, isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** `prompt_eval_count` is left out where the whole prompt was in the server's cache. */
export function mapUsage(line: JsonRecord): TokenUsage {
  return { ...NO_USAGE, inputTokens: countAt(line, 'prompt_eval_count'), outputTokens: countAt(line, 'eval_count') };
}

export function mapFinishReason(line: JsonRecord, hasCalls: boolean): FinishReason {
  if (line['done_reason'] === 'length') return 'length';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** Calls of one message, numbered on from `from`: the format has no ids, so the answer's own makes them unique. */
export function decodeCalls(message: JsonRecord | undefined, from: number, answerMark: string): ToolCall[] {
  const calls = message?.['tool_calls'];
  if (!Array.isArray(calls)) return [];
  return calls.filter(isRecord).map((call, index) => {
    const called = recordAt(call, 'function') ?? {};
    const given = called['arguments'];
    return {
      id: stringAt(call, 'id') ?? `call_${answerMark}_${from + index}`,
      name: stringAt(called, 'name') ?? '',
      argumentsText: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
    };
  });
}

/** Something of this answer that no other has: its time of making, to the nanosecond. */
export function answerMark(line: JsonRecord): string {
  return (stringAt(line, 'created_at') ?? '').replaceAll(/\D/g, '') || '0';
}
