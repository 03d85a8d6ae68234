import type { TokenUsage } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { packToolCallId } from '../conversation/signature.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { DONE_EVENT } from './done-event.ts';
import { encodeImage } from './encode-image.ts';
import { encodeReasoningBlock } from './encode-reasoning.ts';
import { encodeUsage } from './encode-usage.ts';

/**
 * Conversation events as `chat.completion.chunk` events: the role first, then deltas, the finish reason, a usage chunk when
 * the client asked for one, `[DONE]`. The unchanging half of a chunk is built once.
 */
export function createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string {
  let head = '';
  let usage: TokenUsage | undefined;
  let images = 0;

  const chunk = (rest: string): string => `${head}${rest}}\n\n`;
  const delta = (fields: JsonRecord): string =>
    chunk(`"choices":[{"index":0,"delta":${JSON.stringify(fields)},"logprobs":null,"finish_reason":null}]`);
  const toolCall = (fields: JsonRecord): string => delta({ tool_calls: [fields] });

  const finish = (reason: string): string => {
    const last = chunk(`"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":${JSON.stringify(reason)}}]`);
    const stated = context.includeUsage && usage !== undefined ? chunk(`"choices":[],"usage":${JSON.stringify(encodeUsage(usage))}`) : '';
    return `${last}${stated}${DONE_EVENT}`;
  };

  return (event) => {
    switch (event.type) {
      case 'start': {
        const fields = {
          id: `chatcmpl-${context.answerId}`,
          object: 'chat.completion.chunk',
          created: context.createdAt,
          model: event.model,
        };
        head = `data: ${JSON.stringify(fields).slice(0, -1)},`;
        return delta({ role: 'assistant', content: '' });
      }
      case 'text':
        if (event.image === undefined) return delta({ content: event.text });
        images += 1;
        return delta({ images: [encodeImage(event.image, images - 1)] });
      case 'reasoning':
        return delta({ reasoning_content: event.text });
      case 'reasoning-block':
        // plain text has been streamed as such, and nobody can check a block without a signature
        return event.block.type === 'plain' ? '' : delta({ thinking_blocks: [encodeReasoningBlock(event.block)] });
      case 'tool-call':
        return toolCall({
          index: event.index,
          id: packToolCallId(event.id, event.signature),
          type: 'function',
          function: { name: event.name, arguments: '' },
        });
      case 'tool-arguments':
        return toolCall({ index: event.index, function: { arguments: event.text } });
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        return finish(event.reason);
    }
  };
}
