import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { encodeParts } from './encode-content.ts';
import type { ModelAbilities } from './model-generation.ts';
import { FOREIGN_CALL_SIGNATURE, placedSignature } from './thought-signature.ts';

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: JsonRecord[];
}

/**
 * Messages as `contents`: neighbours of one role are joined, as calls must be answered in the very next content. Results name
 * their function, so the names are looked up by the ids of the calls before. Messages without content are left out.
 */
export function encodeContents(messages: readonly Message[], abilities: ModelAbilities): Content[] {
  const contents: Content[] = [];
  const names = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const call of message.toolCalls) names.set(call.id, call.name);
    const parts = encodeMessage(message, names, abilities);
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    if (parts.length === 0) continue;
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  return contents;
}

function encodeMessage(message: Message, names: ReadonlyMap<string, string>, abilities: ModelAbilities): JsonRecord[] {
  switch (message.role) {
    case 'user':
      return encodeParts(message.parts);
    case 'assistant':
      return encodeAssistant(message, abilities);
    case 'tool':
      return encodeResult(message, names.get(message.toolCallId) ?? message.toolCallId, abilities);
  }
}

function encodeAssistant(message: AssistantMessage, abilities: ModelAbilities): JsonRecord[] {
  const parts = encodeParts(message.parts);
  const thoughts: JsonRecord[] = [];
  for (const block of message.reasoning) encodeThought(block, thoughts, parts);
  return [...thoughts, ...parts, ...message.toolCalls.map((call, index) => encodeCall(call, index === 0, abilities))];
}

/** Only Google's own signatures are taken back: reasoning of another model stays out. */
function encodeThought(block: ReasoningBlock, thoughts: JsonRecord[], parts: JsonRecord[]): void {
  if (block.type !== 'signed' || block.signature.issuer !== 'google') return;
  const { value, isOnText } = placedSignature(block.signature);
  if (!isOnText) return void thoughts.push({ text: block.text, thought: true, thoughtSignature: value });
  if (block.text !== '') thoughts.push({ text: block.text, thought: true });
  const at = parts.findLastIndex((part) => typeof part['text'] === 'string' && part['thoughtSignature'] === undefined);
  if (at === -1) parts.push({ text: '', thoughtSignature: value });
  else parts[at] = { ...parts[at], thoughtSignature: value };
}

/** Of calls that were made side by side only the first is signed. */
function encodeCall(call: ToolCall, isFirst: boolean, abilities: ModelAbilities): JsonRecord {
  const functionCall = { ...(abilities.signedCalls ? { id: call.id } : {}), name: call.name, args: parseExact(call.argumentsText) };
  if (call.signature?.issuer === 'google') return { functionCall, thoughtSignature: call.signature.value };
  return isFirst && abilities.signedCalls ? { functionCall, thoughtSignature: FOREIGN_CALL_SIGNATURE } : { functionCall };
}

/** `output` and `error` are the members the API knows; older models take no media inside a result, so it stands behind it. */
function encodeResult(message: ToolResultMessage, name: string, abilities: ModelAbilities): JsonRecord[] {
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const media = encodeParts(message.parts.filter((part) => part.type !== 'text'));
  const isInside = abilities.mediaInResults && media.length > 0;
  const functionResponse = {
    ...(abilities.signedCalls ? { id: message.toolCallId } : {}),
    name,
    response: { [message.isError ? 'error' : 'output']: valueOf(text) },
    ...(isInside ? { parts: media } : {}),
  };
  return [{ functionResponse }, ...(isInside ? [] : media)];
}

/** A result that is a JSON object is given as one. */
function valueOf(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    const value = parseExact(text);
    return isRecord(value) ? value : text;
  } catch {
    return text;
  }
}
