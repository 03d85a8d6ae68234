import { NO_USAGE, type TokenUsage } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import { packReasoning } from '../conversation/pack-reasoning.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import { imageText, messageHead } from './encode-response.ts';
import { encodeStopReason } from './encode-stop-reason.ts';
import { encodeUsage } from './encode-usage.ts';
import { createBlockWriter, eventText } from './write-blocks.ts';
import { createToolCallWriter } from './write-tool-calls.ts';

/**
 * Conversation events as Anthropic's stream (https://platform.claude.com/docs/en/build-with-claude/streaming). Blocks come one after
 * the other there: one ends when the next kind of content begins. Input tokens are in `message_start` as far as they are known
 * then, which is not at all for most providers, and in `message_delta` in any case.
 */
export function createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string {
  const blocks = createBlockWriter();
  const calls = createToolCallWriter(blocks);
  let usage: TokenUsage = NO_USAGE;

  const start = (model: string): string => {
    const head = { ...messageHead(model, context), content: [], stop_reason: null, stop_sequence: null };
    return eventText('message_start', { message: { ...head, usage: encodeUsage(usage) } });
  };

  const addText = (text: string): string => {
    const opening = blocks.kind() === 'text' ? '' : calls.closeAll() + blocks.open('text', { type: 'text', text: '' });
    return opening + blocks.delta({ type: 'text_delta', text });
  };

  const addThinking = (thinking: string): string => {
    const opening =
      blocks.kind() === 'thinking' ? '' : calls.closeAll() + blocks.open('thinking', { type: 'thinking', thinking: '', signature: '' });
    return opening + blocks.delta({ type: 'thinking_delta', thinking });
  };

  const endReasoning = (block: ReasoningBlock): string => {
    const packed = packReasoning(block);
    if (packed.type === 'redacted_thinking') return calls.closeAll() + blocks.whole({ ...packed });
    // a block whose text was not streamed comes whole
    const text = blocks.kind() === 'thinking' ? '' : addThinking(packed.thinking);
    const signature = packed.signature === '' ? '' : blocks.delta({ type: 'signature_delta', signature: packed.signature });
    return text + signature + blocks.close();
  };

  const finish = (reason: FinishReason): string => {
    const rest = calls.closeAll();
    const delta = { stop_reason: encodeStopReason(reason, calls.hasCalls()), stop_sequence: null };
    return rest + eventText('message_delta', { delta, usage: encodeUsage(usage) }) + eventText('message_stop', {});
  };

  return (event) => {
    switch (event.type) {
      case 'start':
        return start(event.model);
      case 'text':
        return (event.text === '' ? '' : addText(event.text)) + (event.image === undefined ? '' : addText(imageText(event.image)));
      case 'reasoning':
        return event.text === '' ? '' : addThinking(event.text);
      case 'reasoning-block':
        return endReasoning(event.block);
      case 'tool-call':
        return calls.start(event);
      case 'tool-arguments':
        return event.text === '' ? '' : calls.addArguments(event.index, event.text);
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        return finish(event.reason);
    }
  };
}
