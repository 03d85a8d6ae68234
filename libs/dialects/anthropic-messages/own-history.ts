import { unpackSignature, unpackToolCallId } from '../conversation/signature.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';

/** Traces that another provider's turn leaves in a history: `packSignature`, `packToolCallId` and reasoning without a signature. */
const FOREIGN_MARKS = ['"hr1.', '__sig__', '"signature":""', '"signature": ""'] as const;

/**
 * A history in which other providers answered some turns, as Claude takes it: without their reasoning, which Claude did not
 * sign, and with plain tool call ids. Undefined when there is nothing to change, the usual case: the bytes pass then.
 */
export function ownHistory(messages: Buffer | undefined): string | undefined {
  if (messages === undefined || !FOREIGN_MARKS.some((mark) => messages.includes(mark))) return undefined;
  const history = parseExact(messages.toString());
  return Array.isArray(history) ? JSON.stringify(history.map(ownMessage)) : undefined;
}

function ownMessage(message: unknown): unknown {
  if (!isRecord(message) || !Array.isArray(message['content'])) return message;
  const content: readonly unknown[] = message['content'];
  return { ...message, content: content.filter((block) => !isRecord(block) || isOwnBlock(block)).map(withPlainId) };
}

function isOwnBlock(block: JsonRecord): boolean {
  if (block['type'] !== 'thinking') return true;
  const signature = block['signature'];
  return typeof signature === 'string' && signature !== '' && unpackSignature(signature).issuer === 'claude';
}

function withPlainId(block: unknown): unknown {
  if (!isRecord(block)) return block;
  const field = block['type'] === 'tool_use' ? 'id' : 'tool_use_id';
  const id = block[field];
  return typeof id === 'string' && id.includes('__sig__') ? { ...block, [field]: unpackToolCallId(id).id } : block;
}
