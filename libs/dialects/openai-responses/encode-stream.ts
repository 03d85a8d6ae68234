import type { TokenUsage } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';
import type { ImageBytes } from '../conversation/content-part.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import { imageItem, messageStatus } from './encode-output.ts';
import { endedResponse, responseObject } from './encode-response.ts';
import { createNameReader } from './function-namespaces.ts';
import { createOutputSlots } from './output-slots.ts';
import { createCallWriter } from './stream-calls.ts';
import { createMessageWriter } from './stream-message.ts';
import { createReasoningWriter } from './stream-reasoning.ts';

/**
 * Conversation events as the events of a streamed response (https://platform.openai.com/docs/api-reference/responses-streaming):
 * created, in_progress, the items one by one with their deltas, then completed or incomplete with the whole response.
 */
export function createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string {
  const slots = createOutputSlots(context.answerId);
  const reasoning = createReasoningWriter(slots);
  const message = createMessageWriter(slots);
  const calls = createCallWriter(slots, createNameReader(context.echo?.['tools']));
  let model = '';
  let usage: TokenUsage | undefined;

  const start = (): string => {
    const response = `"response":${JSON.stringify(responseObject(context, model, 'in_progress'))}`;
    return slots.write('response.created', response) + slots.write('response.in_progress', response);
  };

  const image = (made: ImageBytes): string => {
    const slot = slots.open('ig');
    const item = imageItem(slot.id, made);
    return (
      reasoning.close() +
      message.close('completed') +
      slots.added(slot, { ...item, status: 'in_progress', result: null }) +
      slots.done(slot, item)
    );
  };

  const finish = (finishReason: FinishReason): string => {
    const status = messageStatus(finishReason);
    // an answer of nothing is an empty message, as it is in one piece
    const empty = slots.items.length === 0 ? message.text('') : '';
    const rest = reasoning.close() + message.close(status) + calls.closeAll();
    const response = endedResponse(context, { model, output: slots.items, finishReason, usage });
    return `${empty}${rest}${slots.write(`response.${status}`, `"response":${JSON.stringify(response)}`)}`;
  };

  return (event) => {
    switch (event.type) {
      case 'start':
        model = event.model;
        return start();
      case 'text':
        if (event.image !== undefined) return image(event.image);
        return reasoning.close() + message.text(event.text);
      case 'reasoning':
        return message.close('completed') + reasoning.text(event.text);
      case 'reasoning-block':
        return reasoning.block(event.block);
      case 'tool-call':
        return reasoning.close() + message.close('completed') + calls.begin(event);
      case 'tool-arguments':
        return calls.arguments(event.index, event.text);
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        return finish(event.reason);
    }
  };
}
