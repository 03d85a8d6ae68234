import type { TokenUsage } from '#contracts';
import type { ConversationAnswer, FinishReason } from '../conversation/answer.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeOutput, responseId } from './encode-output.ts';
import { encodeUsage } from './encode-usage.ts';

/** A whole answer as a `response` object (https://platform.openai.com/docs/api-reference/responses/object). */
export function encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array {
  const output = encodeOutput(answer, context);
  return Buffer.from(JSON.stringify(endedResponse(context, { ...answer, output })));
}

export interface EndedAnswer {
  readonly model: string;
  readonly output: readonly JsonRecord[];
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage | undefined;
}

/** An answer that came to its end; one that hit a limit or a filter is `incomplete`. */
export function endedResponse(context: AnswerContext, { model, output, finishReason, usage }: EndedAnswer): JsonRecord {
  const reason = INCOMPLETE[finishReason];
  return {
    ...responseObject(context, model, reason === undefined ? 'completed' : 'incomplete'),
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: usage === undefined ? null : encodeUsage(usage),
  };
}

/** The object as it is while nothing is known of the answer. */
export function responseObject(context: AnswerContext, model: string, status: 'in_progress' | 'completed' | 'incomplete'): JsonRecord {
  return {
    id: responseId(context.answerId),
    object: 'response',
    created_at: context.createdAt,
    status,
    error: null,
    incomplete_details: null,
    model,
    output: [],
    usage: null,
    ...context.echo,
  };
}

const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = { length: 'max_output_tokens', content_filter: 'content_filter' };
