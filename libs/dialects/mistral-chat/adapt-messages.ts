import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { toolCallId } from './tool-call-id.ts';

/** OpenAI's messages in Mistral's words. A last turn of the assistant is a beginning to be continued (`prefix`). */
export function adaptMessages(messages: unknown): JsonRecord[] {
  const list = Array.isArray(messages) ? messages.filter(isRecord) : [];
  return list.map((message, index) => adaptMessage(message, index === list.length - 1));
}

function adaptMessage(message: JsonRecord, isLast: boolean): JsonRecord {
  const { content, tool_calls: calls, tool_call_id: callId } = message;
  const adapted: Record<string, unknown> = { ...message, content: Array.isArray(content) ? content.map(adaptPart) : (content ?? '') };
  if (typeof callId === 'string') adapted['tool_call_id'] = toolCallId(callId);
  if (Array.isArray(calls)) {
    adapted['tool_calls'] = calls.filter(isRecord).map((call) => ({ ...call, id: toolCallId(stringAt(call, 'id') ?? '') }));
  } else if (isLast && message['role'] === 'assistant') {
    adapted['prefix'] = true;
  }
  return adapted;
}

/** Documents and sound have parts of their own: `document_url` (an address or a data URL), `input_audio` as bare base64. */
function adaptPart(part: unknown): unknown {
  if (!isRecord(part)) return part;
  const file = part['type'] === 'file' ? recordAt(part, 'file') : undefined;
  if (file !== undefined) {
    if (file['file_data'] === undefined) return { type: 'file', file_id: file['file_id'] };
    return { type: 'document_url', document_url: file['file_data'], document_name: file['filename'] };
  }
  const sound = part['type'] === 'input_audio' ? recordAt(part, 'input_audio') : undefined;
  return sound === undefined ? part : { type: 'input_audio', input_audio: sound['data'] };
}
