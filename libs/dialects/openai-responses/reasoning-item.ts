import type { ReasoningBlock } from '../conversation/message.ts';
import { reasoningText } from '../conversation/pack-reasoning.ts';
import { packSignature } from '../conversation/signature.ts';
import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';

/**
 * Reasoning as an item of this format (https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items). What another
 * family of models signed travels in `encrypted_content` behind a mark, so that a client that gives its items back also gives the
 * signature back, and OpenAI is never sent what it can't decrypt.
 */
const MARK = 'hr1.';
const CLAUDE = `${MARK}claude.`;
const REDACTED = `${MARK}redacted.`;
const PLAIN = `${MARK}plain.`;
const OTHER_SIGNATURE = /^hr1\.(?:claude|google)\./;

export function encodeReasoningItem(id: string, block: ReasoningBlock): JsonRecord {
  const text = reasoningText(block);
  return {
    type: 'reasoning',
    id,
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    encrypted_content: encryptedContent(block),
  };
}

/** An item given back by a client. Undefined when there is nothing in it to give back. */
export function decodeReasoningItem(item: JsonRecord): ReasoningBlock | undefined {
  const text = textOfItem(item);
  const packed = stringAt(item, 'encrypted_content');
  if (packed === undefined || packed === PLAIN) return text === '' ? undefined : { type: 'plain', text };
  if (packed.startsWith(REDACTED)) return { type: 'redacted', data: packed.slice(REDACTED.length) };
  if (!OTHER_SIGNATURE.test(packed)) return { type: 'encrypted', id: stringAt(item, 'id') ?? '', summary: text, data: packed };
  const issuer = packed.startsWith(CLAUDE) ? 'claude' : 'google';
  return { type: 'signed', text, signature: { issuer, value: packed.slice(MARK.length + issuer.length + 1) } };
}

/** Whether an item is another provider's reasoning: OpenAI would look for what it encrypted or stored, and refuse the request. */
export function isForeignReasoning(item: unknown): boolean {
  return isRecord(item) && item['type'] === 'reasoning' && (stringAt(item, 'encrypted_content') ?? '').startsWith(MARK);
}

function encryptedContent(block: ReasoningBlock): string | null {
  switch (block.type) {
    case 'redacted':
      return `${REDACTED}${block.data}`;
    case 'signed':
      return block.signature.issuer === 'claude' ? `${CLAUDE}${block.signature.value}` : packSignature(block.signature);
    case 'encrypted':
      return block.data ?? null;
    case 'plain':
      return PLAIN;
  }
}

/** The summary; open models show all of their reasoning in `content` instead. */
export function textOfItem(item: JsonRecord): string {
  return joined(item['summary'], '\n\n') || joined(item['content'], '');
}

function joined(parts: unknown, separator: string): string {
  if (!Array.isArray(parts)) return '';
  return parts.flatMap((part: unknown) => (isRecord(part) && typeof part['text'] === 'string' ? [part['text']] : [])).join(separator);
}
