import type { ConversationAnswer } from '../conversation/answer.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeCalls, encodeThought } from './encode-parts.ts';
import { encodeUsage } from './encode-usage.ts';

/** A whole answer as a `GenerateContentResponse`: thoughts, text, pictures, calls. */
export function encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array {
  const calls = encodeCalls(answer.toolCalls, answer.finishReason);
  const parts: JsonRecord[] = answer.reasoning.map((block) => encodeThought(block));
  if (answer.text !== '') parts.push({ text: answer.text });
  for (const image of answer.images ?? []) parts.push({ inlineData: { mimeType: image.mediaType, data: image.data } });
  parts.push(...calls.parts);
  const response = {
    candidates: [{ content: { role: 'model', parts }, finishReason: calls.finishReason, index: 0 }],
    ...(answer.usage === undefined ? {} : { usageMetadata: encodeUsage(answer.usage) }),
    modelVersion: answer.model,
    responseId: context.answerId,
  };
  return Buffer.from(JSON.stringify(response));
}
