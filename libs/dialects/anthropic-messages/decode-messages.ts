import type { ContentPart, TextPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import { unpackToolCallId } from '../conversation/signature.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { createToolCallLedger, type ToolCallLedger } from '../openai-chat/tool-call-ledger.ts';
import { blocksOf, decodeBlock, decodeContent } from './decode-content.ts';
import { decodeReasoning } from './decode-response.ts';

export interface DecodedMessages {
  readonly system: TextPart[];
  readonly messages: Message[];
}

const WORDS = { calls: 'content', answer: 'tool_result block', id: 'tool_use_id' };

/**
 * System text and messages of a Messages request. System messages in the middle, as agents send for hints, stay where they are, as
 * marked text of the user: few providers take them there, and moved to the front they would change the prefix that providers
 * cache. Every tool result must answer a call of the assistant turn before it, and every call be answered. Throws `GatewayError`
 * `invalid_request`.
 */
export function decodeMessages(system: unknown, input: unknown): DecodedMessages {
  if (!Array.isArray(input)) throw invalidField('messages', 'must be an array of messages');
  const texts = decodeSystem(system, 'system');
  const messages: Message[] = [];
  const calls = createToolCallLedger(WORDS);
  // tool results must follow their calls: hints between them wait
  let hints: TextPart[] = [];
  const placeHints = (): void => {
    if (hints.length > 0) messages.push({ role: 'user', parts: hints });
    hints = [];
  };
  input.forEach((message: unknown, index) => {
    const at = `messages[${index}]`;
    if (!isRecord(message)) throw invalidField(at, 'must be an object');
    if (message['role'] === 'system') {
      const parts = decodeSystem(message['content'], `${at}.content`);
      if (messages.length === 0) texts.push(...parts);
      else hints.push(...parts.map(asHint));
    } else if (message['role'] === 'assistant') {
      placeHints();
      messages.push(decodeAssistant(message, at, calls));
    } else if (message['role'] === 'user') {
      const decoded = decodeUser(message, at, calls);
      if (decoded[0]?.role !== 'tool') placeHints();
      messages.push(...decoded);
    } else throw invalidField(`${at}.role`, 'must be "user", "assistant" or "system"');
  });
  placeHints();
  calls.closeTurn();
  return { system: texts, messages };
}

function asHint(part: TextPart): TextPart {
  return { ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` };
}

function decodeSystem(system: unknown, at: string): TextPart[] {
  return decodeContent(system, at).map((part, index) => {
    if (part.type !== 'text') throw invalidField(`${at}[${index}]`, 'must be a text block');
    return part;
  });
}

/** Results stand first in what other providers take, as they do in Anthropic's own turns. */
function decodeUser(message: JsonRecord, at: string, calls: ToolCallLedger): Message[] {
  const content = message['content'];
  const results: ToolResultMessage[] = [];
  const parts: ContentPart[] = [];
  if (Array.isArray(content)) {
    blocksOf(content, `${at}.content`).forEach((block, index) => {
      const blockAt = `${at}.content[${index}]`;
      if (block['type'] === 'tool_result') results.push(decodeToolResult(block, blockAt, calls));
      else parts.push(...decodeBlock(block, blockAt));
    });
  } else parts.push(...decodeContent(content, `${at}.content`));
  if (parts.length > 0) calls.closeTurn();
  return parts.length === 0 ? results : [...results, { role: 'user', parts }];
}

function decodeToolResult(block: JsonRecord, at: string, calls: ToolCallLedger): ToolResultMessage {
  const packedId = stringAt(block, 'tool_use_id');
  if (packedId === undefined) throw invalidField(`${at}.tool_use_id`, 'must be the id of the tool_use block it answers');
  const toolCallId = unpackToolCallId(packedId).id;
  calls.answer(toolCallId, at);
  return {
    role: 'tool',
    toolCallId,
    parts: decodeContent(block['content'], `${at}.content`),
    isError: block['is_error'] === true,
    cacheControl: recordAt(block, 'cache_control'),
  };
}

function decodeAssistant(message: JsonRecord, at: string, calls: ToolCallLedger): AssistantMessage {
  const content = message['content'];
  const reasoning: ReasoningBlock[] = [];
  const toolCalls: ToolCall[] = [];
  const parts: ContentPart[] = [];
  if (Array.isArray(content)) {
    blocksOf(content, `${at}.content`).forEach((block, index) => {
      const blockAt = `${at}.content[${index}]`;
      const thought = decodeReasoning(block);
      if (thought !== undefined) reasoning.push(thought);
      else if (block['type'] === 'tool_use') toolCalls.push(decodeToolUse(block, blockAt));
      else parts.push(...decodeBlock(block, blockAt));
    });
  } else parts.push(...decodeContent(content, `${at}.content`));
  calls.openTurn(toolCalls, at);
  return { role: 'assistant', reasoning, parts, toolCalls };
}

function decodeToolUse(block: JsonRecord, at: string): ToolCall {
  const packedId = stringAt(block, 'id');
  const name = stringAt(block, 'name');
  if (packedId === undefined) throw invalidField(`${at}.id`, 'must be a string');
  if (name === undefined) throw invalidField(`${at}.name`, 'must be the name of the tool');
  const input = block['input'] ?? {};
  if (!isRecord(input)) throw invalidField(`${at}.input`, 'must be an object');
  return { ...unpackToolCallId(packedId), name, argumentsText: JSON.stringify(input) };
}
