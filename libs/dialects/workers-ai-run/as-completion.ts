import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';

/** A native result or chunk (`member`: `message` or `delta`) as OpenAI would have said it; one that has `choices` is one already. */
export function asCompletion(native: JsonRecord, member: 'message' | 'delta', finishReason: unknown): JsonRecord {
  if (Array.isArray(native['choices'])) return native;
  const content = textOf(native['response']);
  const calls = Array.isArray(native['tool_calls']) ? native['tool_calls'].map(asCall).filter((call) => call !== undefined) : [];
  const said = { ...(content === undefined ? {} : { content }), ...(calls.length === 0 ? {} : { tool_calls: calls }) };
  const reasoning = native['reasoning_content'];
  return {
    ...(native['id'] === undefined ? {} : { id: native['id'] }),
    choices: [
      { index: 0, [member]: reasoning === undefined ? said : { ...said, reasoning_content: reasoning }, finish_reason: finishReason },
    ],
    usage: native['usage'],
  };
}

/** An answer to a schema is the object itself, and a lone number a number. */
function textOf(response: unknown): string | undefined {
  if (response === undefined || response === null) return undefined;
  return typeof response === 'string' ? response : JSON.stringify(response);
}

/** Calls are flat (`{name,arguments}`), like OpenAI's, or, at the end of a stream, nothing but nulls. */
function asCall(call: unknown): JsonRecord | undefined {
  if (!isRecord(call)) return undefined;
  const called = recordAt(call, 'function') ?? { name: call['name'], arguments: call['arguments'] };
  const saysNothing = stringAt(called, 'name') === undefined && !called['arguments'];
  return saysNothing
    ? undefined
    : { ...numbered(call), ...(stringAt(call, 'id') === undefined ? {} : { id: call['id'] }), function: called };
}

function numbered({ index }: JsonRecord): JsonRecord {
  return typeof index === 'number' ? { index } : {};
}
