import type { ContentPart, TextPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolCall } from '../conversation/tool.ts';
import type { DialectQuirks } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeContent, joinTexts } from './encode-content.ts';
import { encodeReasoningBlock } from './encode-reasoning.ts';

/** What stands in a tool message whose pictures had to move: the format takes text alone there. */
const MOVED_MEDIA = 'The content of this result is attached to the next user message.';

/** A conversation as chat messages. Pictures of tool results move into the user message behind them, in front of what it says. */
export function encodeMessages(request: ConversationRequest, quirks: DialectQuirks): JsonRecord[] {
  const names = new Map<string, string>();
  const encoded = encodeSystem(request.system, quirks);
  let moved: ContentPart[] = [];
  const flush = (): void => {
    if (moved.length > 0) encoded.push({ role: 'user', content: encodeContent(moved, quirks) });
    moved = [];
  };
  for (const message of request.messages) {
    if (message.role === 'tool') {
      encoded.push(encodeToolResult(message, names, quirks));
      moved.push(...mediaOf(message));
    } else if (message.role === 'user') {
      encoded.push({ role: 'user', content: encodeContent([...moved, ...message.parts], quirks) });
      moved = [];
    } else {
      flush();
      for (const call of message.toolCalls) names.set(call.id, call.name);
      if (saysSomething(message)) encoded.push(encodeAssistant(message, quirks));
    }
  }
  flush();
  return encoded;
}

/** One text: a list of parts in a system message is known to few hosts. Cache marks are worth a list where they are taken. */
function encodeSystem(system: readonly TextPart[], quirks: DialectQuirks): JsonRecord[] {
  if (system.length === 0) return [];
  const hasMarks = quirks.cacheControl === 'blocks' && system.some((part) => part.cacheControl !== undefined);
  return [{ role: 'system', content: hasMarks ? encodeContent(system, quirks) : joinTexts(system) }];
}

function saysSomething(message: AssistantMessage): boolean {
  return message.parts.length > 0 || message.toolCalls.length > 0;
}

function encodeAssistant(message: AssistantMessage, quirks: DialectQuirks): JsonRecord {
  const texts = message.parts.filter((part) => part.type === 'text');
  const isText = texts.length === message.parts.length && quirks.cacheControl !== 'blocks';
  const content = isText ? texts.map((part) => part.text).join('') : encodeContent(message.parts, quirks);
  return {
    role: 'assistant',
    content: message.parts.length === 0 ? null : content,
    ...encodeReasoningBack(message, quirks),
    ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map(encodeToolCall) }),
  };
}

/** Only to hosts that want it, and only plain text: a signed block belongs to the provider that signed it. */
function encodeReasoningBack({ reasoning, toolCalls }: AssistantMessage, quirks: DialectQuirks): JsonRecord {
  const fields: Record<string, unknown> = {};
  if (quirks.thinkingBlocks === true && reasoning.length > 0) fields['thinking_blocks'] = reasoning.map(encodeReasoningBlock);
  const member = quirks.reasoningBack;
  if (member === undefined || member === false) return fields;
  const text = reasoning.map(plainText).join('');
  // such hosts refuse a turn with calls that has no reasoning, and accept an empty one
  if (text !== '' || toolCalls.length > 0) fields[member] = text;
  return fields;
}

function plainText(block: ReasoningBlock): string {
  return block.type === 'plain' ? block.text : '';
}

function encodeToolCall({ id, name, argumentsText }: ToolCall): JsonRecord {
  return { id, type: 'function', function: { name, arguments: argumentsText } };
}

function encodeToolResult(message: ToolResultMessage, names: ReadonlyMap<string, string>, quirks: DialectQuirks): JsonRecord {
  const name = quirks.requiresToolResultName === true ? names.get(message.toolCallId) : undefined;
  return { role: 'tool', tool_call_id: message.toolCallId, ...(name === undefined ? {} : { name }), content: resultText(message) };
}

/** The format has no mark for a failed call: when the text does not say it, a word in front does. */
function resultText(message: ToolResultMessage): string {
  const text = message.parts.map(textOfPart).filter(Boolean).join('\n');
  if (message.isError && !/error|fail/i.test(text)) return text === '' ? 'Error' : `Error: ${text}`;
  return text === '' && mediaOf(message).length > 0 ? MOVED_MEDIA : text;
}

function textOfPart(part: ContentPart): string {
  if (part.type === 'text') return part.text;
  return part.type === 'opaque' ? JSON.stringify(part.value) : '';
}

function mediaOf(message: Extract<Message, { role: 'tool' }>): ContentPart[] {
  return message.parts.filter((part) => part.type === 'media');
}
