import type { ReasoningBlock } from '../conversation/message.ts';
import { unpackThinking } from '../conversation/pack-reasoning.ts';
import { isRecord } from '../json/record.ts';
import { invalidField } from './invalid-field.ts';

/**
 * LiteLLM's `thinking_blocks` of an assistant message. Clients that collect them from a stream may hold a block in pieces, the
 * signature on the last: pieces are joined. Text without any signature (`reasoning_content` of another provider) can't be
 * given back to a provider that signs, and stays out.
 */
export function decodeReasoning(blocks: unknown, at: string): ReasoningBlock[] {
  if (blocks === undefined || blocks === null) return [];
  if (!Array.isArray(blocks)) throw invalidField(at, 'must be an array of thinking blocks');
  const decoded: ReasoningBlock[] = [];
  let text = '';
  blocks.forEach((block: unknown, index) => {
    if (!isRecord(block)) throw invalidField(`${at}[${index}]`, 'must be an object');
    if (block['type'] === 'redacted_thinking' && typeof block['data'] === 'string') {
      decoded.push({ type: 'redacted', data: block['data'] });
      return;
    }
    if (typeof block['thinking'] === 'string') text += block['thinking'];
    if (typeof block['signature'] !== 'string' || block['signature'] === '') return;
    decoded.push(unpackThinking(text, block['signature']));
    text = '';
  });
  return decoded;
}
