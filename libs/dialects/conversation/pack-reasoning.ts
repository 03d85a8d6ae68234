import type { ReasoningBlock } from './message.ts';
import { packSignature, unpackSignature } from './signature.ts';

/** A block as Anthropic's format and LiteLLM's `thinking_blocks` have it. */
export type PackedReasoning =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string };

/** Any block for a client that knows thinking and redacted thinking only. Plain text has an empty signature. */
export function packReasoning(block: ReasoningBlock): PackedReasoning {
  switch (block.type) {
    case 'redacted':
      return { type: 'redacted_thinking', data: block.data };
    case 'signed':
      return { type: 'thinking', thinking: block.text, signature: packSignature(block.signature) };
    case 'plain':
      return { type: 'thinking', thinking: block.text, signature: '' };
    case 'encrypted':
      return {
        type: 'thinking',
        thinking: block.summary,
        signature: packSignature({ issuer: 'gpt', value: `${block.id}.${block.data ?? ''}` }),
      };
  }
}

/** What `packReasoning` wrote, or a thinking block of Claude's own. */
export function unpackThinking(text: string, packed: string): ReasoningBlock {
  if (packed === '') return { type: 'plain', text };
  const signature = unpackSignature(packed);
  if (signature.issuer !== 'gpt') return { type: 'signed', text, signature };
  const end = signature.value.indexOf('.');
  const data = signature.value.slice(end + 1);
  return { type: 'encrypted', id: signature.value.slice(0, Math.max(0, end)), summary: text, data: data === '' ? undefined : data };
}

/** What of a block a person may read. */
export function reasoningText(block: ReasoningBlock): string {
  if (block.type === 'redacted') return '';
  return block.type === 'encrypted' ? block.summary : block.text;
}
