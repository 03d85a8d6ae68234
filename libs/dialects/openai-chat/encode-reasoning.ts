import type { ReasoningBlock } from '../conversation/message.ts';
import type { JsonRecord } from '../json/record.ts';

/** LiteLLM's `thinking_blocks` entry, to be sent back as it is. */
export function encodeReasoningBlock(block: ReasoningBlock): JsonRecord {
  if (block.type === 'redacted') return { type: 'redacted_thinking', data: block.data };
  return { type: 'thinking', thinking: block.text, signature: block.signature };
}
