import { NO_USAGE } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import { packReasoning } from '../conversation/pack-reasoning.ts';
import { packToolCallId } from '../conversation/signature.ts';
import type { ToolCall } from '../conversation/tool.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { encodeStopReason } from './encode-stop-reason.ts';
import { encodeUsage } from './encode-usage.ts';

/** A whole answer as a `message` object: reasoning, text, calls, in Claude's order. */
export function encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array {
  const text = [answer.text, ...(answer.images ?? []).map(imageText)].join('');
  const message = {
    ...messageHead(answer.model, context),
    content: [
      ...answer.reasoning.map((block) => ({ ...packReasoning(block) })),
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...answer.toolCalls.map(encodeToolUse),
    ],
    stop_reason: encodeStopReason(answer.finishReason, answer.toolCalls.length > 0),
    stop_sequence: null,
    usage: encodeUsage(answer.usage ?? NO_USAGE),
  };
  return Buffer.from(JSON.stringify(message));
}

/** What every message begins with, streamed or not. */
export function messageHead(model: string, context: AnswerContext): JsonRecord {
  return { id: `msg_${context.answerId}`, type: 'message', role: 'assistant', model };
}

/** A message of the assistant has no block for pictures: one that a model made is Markdown in its text. */
export function imageText({ mediaType, data }: ImageBytes): string {
  return `![](data:${mediaType};base64,${data})`;
}

function encodeToolUse(call: ToolCall): JsonRecord {
  return { type: 'tool_use', id: packToolCallId(call.id, call.signature), name: call.name, input: inputOf(call.argumentsText) };
}

/** Models write broken JSON at times: it is given on as text, so that the agent can tell the model of it. */
function inputOf(argumentsText: string): JsonRecord {
  if (argumentsText.trim() === '') return {};
  try {
    const input = parseExact(argumentsText);
    return isRecord(input) ? input : { value: input };
  } catch {
    return { invalid_json: argumentsText };
  }
}
