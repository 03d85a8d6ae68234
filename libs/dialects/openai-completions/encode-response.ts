import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeUsage } from '../openai-chat/encode-usage.ts';

/** A whole answer as a `text_completion` object. The format has no place for reasoning. */
export function encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array {
  const completion = {
    ...completionHead(answer.model, context),
    choices: [textChoice(answer.text, answer.finishReason)],
    ...(answer.usage === undefined ? {} : { usage: encodeUsage(answer.usage) }),
  };
  return Buffer.from(JSON.stringify(completion));
}

/** What every object of the format begins with, streamed or not. */
export function completionHead(model: string, context: AnswerContext): JsonRecord {
  return { id: `cmpl-${context.answerId}`, object: 'text_completion', created: context.createdAt, model };
}

export function textChoice(text: string, reason: FinishReason | null): JsonRecord {
  return { text, index: 0, logprobs: null, finish_reason: reason === 'tool_calls' ? 'stop' : reason };
}
