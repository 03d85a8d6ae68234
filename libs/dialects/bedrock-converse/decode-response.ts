import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ReasoningBlock } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { ANSWER_TOOL } from './answer-tool.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** A whole Converse answer. Throws `GatewayError` `upstream_invalid_response`. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const answer = parseAnswer(textOf(body));
  const message = recordAt(recordAt(answer, 'output'), 'message');
  const content = message?.['content'];
  if (!Array.isArray(content)) throw invalidAnswer("an answer without 'output.message.content'");
  const blocks = content.filter(isRecord);
  const calls = blocks.map(decodeToolUse).filter((call) => call !== undefined);
  const toolCalls = calls.filter((call) => call.name !== ANSWER_TOOL);
  const usage = recordAt(answer, 'usage');
  const finishReason = mapFinishReason(answer['stopReason']);
  return {
    model: '',
    text: answerOf(calls) ?? blocks.map(textOfBlock).join(''),
    reasoning: blocks.map((block) => decodeReasoning(recordAt(block, 'reasoningContent'))).filter((block) => block !== undefined),
    toolCalls,
    finishReason: finishReason === 'tool_calls' && toolCalls.length === 0 ? 'stop' : finishReason,
    usage: usage === undefined ? undefined : mapUsage(usage, recordAt(answer, 'serviceTier')),
  };
}

function parseAnswer(text: string): JsonRecord {
  try {
    const value = parseExact(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw invalidAnswer('an answer that is not JSON', error);
  }
  throw invalidAnswer('an answer that is not a JSON object');
}

/** The answer in the client's schema; a preface beside it would make it no JSON. */
function answerOf(calls: readonly ToolCall[]): string | undefined {
  return calls.find((call) => call.name === ANSWER_TOOL)?.argumentsText;
}

/** Text, also text that cites its sources. */
function textOfBlock(block: JsonRecord): string {
  if (typeof block['text'] === 'string') return block['text'];
  const cited = recordAt(block, 'citationsContent')?.['content'];
  return Array.isArray(cited) ? cited.map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('') : '';
}

export function decodeReasoning(content: JsonRecord | undefined): ReasoningBlock | undefined {
  const redacted = stringAt(content ?? {}, 'redactedContent');
  if (redacted !== undefined) return { type: 'redacted', data: redacted };
  const reasoning = recordAt(content, 'reasoningText');
  if (typeof reasoning?.['text'] !== 'string') return undefined;
  return reasoningBlock(reasoning['text'], stringAt(reasoning, 'signature'));
}

/** Claude alone signs here. */
export function reasoningBlock(text: string, signature: string | undefined): ReasoningBlock {
  if (signature === undefined || signature === '') return { type: 'plain', text };
  return { type: 'signed', text, signature: { issuer: 'claude', value: signature } };
}

/** Calls that Bedrock runs itself (`server_tool_use`) are no affair of the client's. */
function decodeToolUse(block: JsonRecord): ToolCall | undefined {
  const use = recordAt(block, 'toolUse');
  if (typeof use?.['toolUseId'] !== 'string' || typeof use['name'] !== 'string' || use['type'] === 'server_tool_use') return undefined;
  return { id: use['toolUseId'], name: use['name'], argumentsText: JSON.stringify(use['input'] ?? {}) };
}

function invalidAnswer(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`, { cause });
}
