import type { TokenUsage } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { ToolCall } from '../conversation/tool.ts';
import type { AnswerContext } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeCalls, encodeThought } from './encode-parts.ts';
import { encodeUsage } from './encode-usage.ts';

/**
 * Conversation events as `GenerateContentResponse` objects, one a server-sent event. Calls are whole in this format, so they
 * are kept until their arguments are complete, and come with the finish reason and the usage. The unchanging end of an object
 * is built once.
 */
export function createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string {
  const calls: ToolCall[] = [];
  let tail = '';
  let usage: TokenUsage | undefined;

  const chunk = (parts: string, finish = ''): string =>
    `data: {"candidates":[{"content":{"role":"model","parts":[${parts}]}${finish},"index":0}]${tail}\n\n`;
  const part = (fields: JsonRecord): string => chunk(JSON.stringify(fields));

  const finish = (reason: FinishReason): string => {
    const { parts, finishReason } = encodeCalls(calls, reason);
    if (usage !== undefined) tail = `,"usageMetadata":${JSON.stringify(encodeUsage(usage))}${tail}`;
    return chunk(parts.map((fields) => JSON.stringify(fields)).join(','), `,"finishReason":"${finishReason}"`);
  };

  return (event) => {
    switch (event.type) {
      case 'start':
        tail = `,${JSON.stringify({ modelVersion: event.model, responseId: context.answerId }).slice(1)}`;
        return '';
      case 'text':
        if (event.image !== undefined) return part({ inlineData: { mimeType: event.image.mediaType, data: event.image.data } });
        return event.text === '' ? '' : chunk(`{"text":${JSON.stringify(event.text)}}`);
      case 'reasoning':
        return chunk(`{"text":${JSON.stringify(event.text)},"thought":true}`);
      case 'reasoning-block':
        // its text has been streamed
        return event.block.type === 'plain' ? '' : part(encodeThought(event.block, ''));
      case 'tool-call':
        calls[event.index] = { id: event.id, name: event.name, argumentsText: '', signature: event.signature };
        return '';
      case 'tool-arguments':
        extend(calls, event.index, event.text);
        return '';
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        return finish(event.reason);
    }
  };
}

function extend(calls: ToolCall[], index: number, text: string): void {
  const call = calls[index];
  if (call !== undefined) calls[index] = { ...call, argumentsText: call.argumentsText + text };
}
