import type { ReasoningBlock } from '../conversation/message.ts';
import { packReasoning } from '../conversation/pack-reasoning.ts';
import type { JsonRecord } from '../json/record.ts';

/** LiteLLM's `thinking_blocks` entry, to be sent back as it is. */
export function encodeReasoningBlock(block: ReasoningBlock): JsonRecord {
  return { ...packReasoning(block) };
}
