import type { TokenUsage } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { DONE_EVENT } from '../openai-chat/done-event.ts';
import { encodeUsage } from '../openai-chat/encode-usage.ts';
import { completionHead, textChoice } from './encode-response.ts';

/** Conversation events as `text_completion` chunks: text, the finish reason, usage when it was asked for, `[DONE]`. */
export function createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string {
  let head: JsonRecord = {};
  let usage: TokenUsage | undefined;
  const chunk = (fields: JsonRecord): string => `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  return (event) => {
    switch (event.type) {
      case 'start':
        head = completionHead(event.model, context);
        return '';
      case 'text':
        return event.text === '' ? '' : chunk({ choices: [textChoice(event.text, null)] });
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish': {
        const stated = context.includeUsage && usage !== undefined ? chunk({ choices: [], usage: encodeUsage(usage) }) : '';
        return chunk({ choices: [textChoice('', event.reason)] }) + stated + DONE_EVENT;
      }
      default:
        return '';
    }
  };
}
