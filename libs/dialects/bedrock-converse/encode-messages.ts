import { createHash } from 'node:crypto';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import { parseExact } from '../json/exact-json.ts';
import type { JsonRecord } from '../json/record.ts';
import { cachePoint, encodeParts, type DocumentNames } from './encode-content.ts';
import type { ModelFamily } from './model-family.ts';

export interface ConverseTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonRecord[];
}

/**
 * Messages as alternating turns: neighbours of one role are joined, tool results become blocks of the user turn. Empty turns are left
 * out; a last assistant turn (a prefill) must not end in space.
 */
export function encodeMessages(messages: readonly Message[], family: ModelFamily): ConverseTurn[] {
  const turns: { role: ConverseTurn['role']; content: JsonRecord[] }[] = [];
  const names: DocumentNames = new Set();
  for (const message of messages) {
    const content = encodeMessage(message, family, names);
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns.map((turn, index) => (index === turns.length - 1 && turn.role === 'assistant' ? trimPrefill(turn) : turn));
}

function encodeMessage(message: Message, family: ModelFamily, names: DocumentNames): JsonRecord[] {
  switch (message.role) {
    case 'user':
      return encodeParts(message.parts, names);
    case 'assistant':
      return encodeAssistant(message, family, names);
    case 'tool':
      return encodeToolResult(message, family, names);
  }
}

/** Reasoning first, calls last: the order Claude insists on. */
function encodeAssistant(message: AssistantMessage, family: ModelFamily, names: DocumentNames): JsonRecord[] {
  const calls = message.toolCalls.map((call) => ({
    toolUse: { toolUseId: encodeToolId(call.id, family), name: call.name, input: parseExact(call.argumentsText) },
  }));
  const reasoning = family === 'claude' ? message.reasoning.flatMap(encodeReasoning) : [];
  return [...reasoning, ...encodeParts(message.parts, names), ...calls];
}

/** Only Claude's own signatures are taken back, by Claude: reasoning of another model stays out. */
function encodeReasoning(block: ReasoningBlock): JsonRecord[] {
  if (block.type === 'redacted') return [{ reasoningContent: { redactedContent: block.data } }];
  if (block.type !== 'signed' || block.signature.issuer !== 'claude') return [];
  return [{ reasoningContent: { reasoningText: { text: block.text, signature: block.signature.value } } }];
}

function encodeToolResult(message: ToolResultMessage, family: ModelFamily, names: DocumentNames): JsonRecord[] {
  const toolResult: Record<string, unknown> = {
    toolUseId: encodeToolId(message.toolCallId, family),
    // cache points stand beside results, not in them
    content: encodeParts(message.parts, names).filter((block) => block['cachePoint'] === undefined),
  };
  if (message.isError) toolResult['status'] = 'error';
  return [{ toolResult }, ...cachePoint(message.cacheControl ?? lastCacheControl(message))];
}

function lastCacheControl(message: ToolResultMessage): JsonRecord | undefined {
  return message.parts.map((part) => (part.type === 'opaque' ? undefined : part.cacheControl)).findLast((mark) => mark !== undefined);
}

const MAX_ID_CHARS = 64;
const MISTRAL_ID = /^[a-zA-Z0-9]{9}$/;

/** Ids are `[a-zA-Z0-9_-]{1,64}`, and nine letters or digits for Mistral; others (of other providers' calls) are replaced, alike for call and result. */
export function encodeToolId(id: string, family: ModelFamily): string {
  if (family === 'mistral-ai') return MISTRAL_ID.test(id) ? id : digest(id).slice(0, 9);
  const clean = id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
  return clean.length <= MAX_ID_CHARS ? clean : digest(id).slice(0, MAX_ID_CHARS);
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function trimPrefill(turn: ConverseTurn): ConverseTurn {
  const content = [...turn.content];
  const last = content.pop();
  if (typeof last?.['text'] !== 'string') return turn;
  return { ...turn, content: [...content, { ...last, text: last['text'].trimEnd() }] };
}
