import type { ConversationAnswer } from '../conversation/answer.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { reasoningText } from '../conversation/pack-reasoning.ts';
import { packToolCallId } from '../conversation/signature.ts';
import { encodeImage } from './encode-image.ts';
import { encodeReasoningBlock } from './encode-reasoning.ts';
import { encodeUsage } from './encode-usage.ts';

/** A whole answer as a `chat.completion` object. Reasoning is in LiteLLM's `reasoning_content` and `thinking_blocks`. */
export function encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array {
  const completion = {
    id: `chatcmpl-${context.answerId}`,
    object: 'chat.completion',
    created: context.createdAt,
    model: answer.model,
    choices: [{ index: 0, message: encodeMessage(answer), logprobs: null, finish_reason: answer.finishReason }],
    ...(answer.usage === undefined ? {} : { usage: encodeUsage(answer.usage) }),
  };
  return Buffer.from(JSON.stringify(completion));
}

function encodeMessage(answer: ConversationAnswer): JsonRecord {
  const message: Record<string, unknown> = {
    role: 'assistant',
    content: answer.text === '' && answer.toolCalls.length > 0 ? null : answer.text,
    refusal: null,
  };
  if (answer.reasoning.length > 0) {
    message['reasoning_content'] = answer.reasoning.map(reasoningText).join('');
    const signed = answer.reasoning.filter((block) => block.type !== 'plain');
    if (signed.length > 0) message['thinking_blocks'] = signed.map(encodeReasoningBlock);
  }
  if (answer.images !== undefined && answer.images.length > 0) message['images'] = answer.images.map(encodeImage);
  if (answer.toolCalls.length > 0) {
    message['tool_calls'] = answer.toolCalls.map((call) => ({
      id: packToolCallId(call.id, call.signature),
      type: 'function',
      function: { name: call.name, arguments: call.argumentsText },
    }));
  }
  return message;
}
