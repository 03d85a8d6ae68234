import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import { packReasoning } from '../conversation/pack-reasoning.ts';
import { parseExact } from '../json/exact-json.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeParts, withCacheControl } from './encode-content.ts';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonRecord[];
}

/**
 * Messages as alternating turns: neighbours of one role are joined, tool results become blocks of the user turn and stand
 * first in it, as the API requires. Empty turns are left out; a last assistant turn (a prefill) must not end in space.
 */
export function encodeMessages(messages: readonly Message[]): Turn[] {
  const turns: { role: Turn['role']; content: JsonRecord[] }[] = [];
  for (const message of messages) {
    const content = encodeMessage(message);
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns.map((turn, index) => (index === turns.length - 1 && turn.role === 'assistant' ? trimPrefill(turn) : turn));
}

function encodeMessage(message: Message): JsonRecord[] {
  switch (message.role) {
    case 'user':
      return encodeParts(message.parts);
    case 'assistant':
      return encodeAssistant(message);
    case 'tool':
      return [encodeToolResult(message)];
  }
}

/** Reasoning first, calls last: the order the API insists on. */
function encodeAssistant(message: AssistantMessage): JsonRecord[] {
  const calls = message.toolCalls.map((call) => ({
    type: 'tool_use',
    id: encodeToolId(call.id),
    name: call.name,
    input: parseExact(call.argumentsText),
  }));
  return [...message.reasoning.flatMap(encodeReasoning), ...encodeParts(message.parts), ...calls];
}

/** Only Claude's own signatures are taken back: reasoning of another model stays out. */
function encodeReasoning(block: ReasoningBlock): JsonRecord[] {
  const isOwn = block.type === 'redacted' || (block.type === 'signed' && block.signature.issuer === 'claude');
  return isOwn ? [{ ...packReasoning(block) }] : [];
}

function encodeToolResult(message: ToolResultMessage): JsonRecord {
  const blocks = encodeParts(message.parts);
  const result: Record<string, unknown> = { type: 'tool_result', tool_use_id: encodeToolId(message.toolCallId) };
  if (blocks.length > 0) result['content'] = blocks;
  if (message.isError) result['is_error'] = true;
  return withCacheControl(result, message.cacheControl);
}

/** Ids there are `[a-zA-Z0-9_-]+`; other providers' calls in the history have dots and colons (`functions.search:0`). */
function encodeToolId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

function trimPrefill(turn: Turn): Turn {
  const content = [...turn.content];
  const last = content.pop();
  if (last?.['type'] !== 'text' || typeof last['text'] !== 'string') return turn;
  return { ...turn, content: [...content, { ...last, text: last['text'].trimEnd() }] };
}
