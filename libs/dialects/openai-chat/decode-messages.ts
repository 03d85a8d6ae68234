import type { ContentPart, TextPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import { unpackToolCallId } from '../conversation/signature.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { cacheControlOf, decodeContent } from './decode-content.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { decodeToolCalls } from './decode-tools.ts';
import { invalidField } from './invalid-field.ts';
import { createToolCallLedger } from './tool-call-ledger.ts';

export interface DecodedMessages {
  readonly system: TextPart[];
  readonly messages: Message[];
}

/**
 * The messages of a chat request. System and developer messages are collected, wherever they stand. Every tool result must
 * answer a call of the assistant turn before it, and every call be answered. Throws `GatewayError` `invalid_request`.
 */
export function decodeMessages(input: unknown): DecodedMessages {
  if (!Array.isArray(input)) throw invalidField('messages', 'must be an array of messages');
  const system: TextPart[] = [];
  const messages: Message[] = [];
  const calls = createToolCallLedger();
  input.forEach((value: unknown, index) => {
    const at = `messages[${index}]`;
    if (!isRecord(value)) throw invalidField(at, 'must be an object');
    switch (value['role']) {
      case 'system':
      case 'developer':
        system.push(...decodeSystem(value, at));
        return;
      case 'user':
        calls.closeTurn();
        messages.push({ role: 'user', parts: partsOf(value, at) });
        return;
      case 'assistant': {
        const message = decodeAssistant(value, at);
        calls.openTurn(message.toolCalls, at);
        messages.push(message);
        return;
      }
      case 'tool': {
        const message = decodeToolResult(value, at);
        calls.answer(message.toolCallId, at);
        messages.push(message);
        return;
      }
      default:
        throw invalidField(`${at}.role`, 'must be "system", "developer", "user", "assistant" or "tool"');
    }
  });
  calls.closeTurn();
  return { system, messages };
}

function decodeSystem(message: JsonRecord, at: string): TextPart[] {
  return partsOf(message, at).map((part, index) => {
    if (part.type !== 'text') throw invalidField(`${at}.content[${index}]`, 'must be text in a system message');
    return part;
  });
}

function decodeAssistant(message: JsonRecord, at: string): AssistantMessage {
  if (message['function_call'] !== undefined && message['function_call'] !== null) {
    throw invalidField(`${at}.function_call`, 'is deprecated: use tool_calls');
  }
  const refusal = message['refusal'];
  const parts = partsOf(message, at);
  if (typeof refusal === 'string' && refusal !== '') parts.push({ type: 'text', text: refusal });
  const toolCalls: ToolCall[] = decodeToolCalls(message['tool_calls'], `${at}.tool_calls`);
  return { role: 'assistant', reasoning: decodeAssistantReasoning(message, at), parts, toolCalls };
}

/** Signed blocks where the client kept them, else the text alone, which some hosts want back. */
function decodeAssistantReasoning(message: JsonRecord, at: string): ReasoningBlock[] {
  const blocks = decodeReasoning(message['thinking_blocks'], `${at}.thinking_blocks`);
  const text = stringAt(message, 'reasoning_content') ?? stringAt(message, 'reasoning');
  return blocks.length === 0 && text !== undefined ? [{ type: 'plain', text }] : blocks;
}

function decodeToolResult(message: JsonRecord, at: string): ToolResultMessage {
  const id = message['tool_call_id'];
  if (typeof id !== 'string' || id === '') throw invalidField(`${at}.tool_call_id`, 'must be the id of the tool call it answers');
  return {
    role: 'tool',
    toolCallId: unpackToolCallId(id).id,
    parts: decodeContent(message['content'], `${at}.content`),
    isError: message['is_error'] === true,
    cacheControl: cacheControlOf(message),
  };
}

/** A `cache_control` on the message itself is meant for its last part. */
function partsOf(message: JsonRecord, at: string): ContentPart[] {
  const parts = decodeContent(message['content'], `${at}.content`);
  const cacheControl = cacheControlOf(message);
  const last = parts.pop();
  if (last !== undefined) parts.push(cacheControl === undefined || last.type === 'opaque' ? last : { ...last, cacheControl });
  return parts;
}
