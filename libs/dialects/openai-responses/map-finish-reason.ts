import type { FinishReason } from '../conversation/answer.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** The format has no finish reason: it follows from `status`, `incomplete_details.reason` and the items of the output. */
export function finishReasonOf(response: JsonRecord): FinishReason {
  if (response['status'] === 'incomplete') {
    const reason = stringAt(recordAt(response, 'incomplete_details') ?? {}, 'reason');
    return reason === 'content_filter' ? 'content_filter' : 'length';
  }
  const output = response['output'];
  return Array.isArray(output) && output.some(isCall) ? 'tool_calls' : 'stop';
}

/** Calls that wait for the client; hosted tools have run already. */
export function isCall(item: unknown): boolean {
  return isRecord(item) && (item['type'] === 'function_call' || item['type'] === 'custom_tool_call');
}
