import type { FinishReason } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import { reasoningText } from '../conversation/pack-reasoning.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { FOREIGN_CALL_BASE64, packThoughtSignature } from './thought-signature.ts';

const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
};

/** A thought with its signature, to be sent back as it is. */
export function encodeThought(block: ReasoningBlock, text = reasoningText(block)): JsonRecord {
  const thoughtSignature = packThoughtSignature(block);
  return { text, thought: true, ...(thoughtSignature === undefined ? {} : { thoughtSignature }) };
}

export interface EncodedCalls {
  readonly parts: readonly JsonRecord[];
  readonly finishReason: string;
}

/**
 * Calls as parts. Arguments are an object in this format: a call whose arguments were cut or are none is left out, and the
 * finish reason says so in Gemini's own word. The first call carries a signature in any case, because Gemini 3 takes no
 * conversation back without one.
 */
export function encodeCalls(calls: readonly ToolCall[], reason: FinishReason): EncodedCalls {
  const parts: JsonRecord[] = [];
  let isBroken = false;
  for (const call of calls) {
    const args = argumentsOf(call.argumentsText);
    if (args === undefined) isBroken = true;
    else parts.push({ functionCall: { id: call.id, name: call.name, args }, ...signatureOf(call, parts.length === 0) });
  }
  return { parts, finishReason: isBroken && reason !== 'length' ? 'MALFORMED_FUNCTION_CALL' : FINISH_REASONS[reason] };
}

function signatureOf(call: ToolCall, isFirst: boolean): JsonRecord {
  const own = call.signature?.issuer === 'google' ? call.signature.value : undefined;
  const thoughtSignature = own ?? (isFirst ? FOREIGN_CALL_BASE64 : undefined);
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}

function argumentsOf(text: string): JsonRecord | undefined {
  if (text.trim() === '') return {};
  try {
    const value = parseExact(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
