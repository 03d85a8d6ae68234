import { unpackToolCallId } from '../conversation/signature.ts';
import type { DialectQuirks } from '../exchange.ts';
import { parseExact } from '../json/exact-json.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { withoutCacheMarks } from './relay-tools.ts';

/** One change to a message; gives the message itself back when it has nothing to change. */
type Edit = (message: JsonRecord) => JsonRecord;

/**
 * The messages of a relayed request as a host of these quirks takes them; undefined when they may stay as they are, which a search
 * over the bytes tells in nearly every case. Two things are this gateway's own and always leave: what other providers' models signed
 * (in ids of tool calls and in `thinking_blocks`), after a conversation has moved here from them.
 */
export function relayMessages(raw: Buffer, quirks: DialectQuirks): string | undefined {
  const edits = neededEdits(raw, quirks);
  if (edits.length === 0) return undefined;
  const messages = parseExact(raw.toString());
  if (!Array.isArray(messages)) return undefined;
  return JSON.stringify(
    messages.map((message: unknown) => (isRecord(message) ? edits.reduce((value, edit) => edit(value), message) : message)),
  );
}

function neededEdits(raw: Buffer, quirks: DialectQuirks): Edit[] {
  const holds = (text: string): boolean => raw.includes(text);
  const edits: Edit[] = [];
  if (holds('__sig__')) edits.push(unpackIds);
  if (quirks.thinkingBlocks !== true && holds('"thinking_blocks"')) edits.push((message) => without(message, 'thinking_blocks'));
  if (quirks.reasoningBack !== undefined && (holds('"reasoning') || holds('"tool_calls"')))
    edits.push(giveReasoningBack(quirks.reasoningBack));
  if (quirks.supportsDeveloperRole === false && holds('"developer"')) edits.push(asSystem);
  if (quirks.cacheControl === false && holds('"cache_control"')) edits.push(clearCacheMarks);
  if (quirks.requiresToolResultName === true && holds('"tool"')) edits.push(createResultNamer());
  if (quirks.flattenContent === true) edits.push(flatten);
  return edits;
}

function without(message: JsonRecord, member: string): JsonRecord {
  if (message[member] === undefined) return message;
  const { [member]: _removed, ...rest } = message;
  return rest;
}

function unpackIds(message: JsonRecord): JsonRecord {
  const resultOf = stringAt(message, 'tool_call_id');
  if (resultOf !== undefined) return { ...message, tool_call_id: unpackToolCallId(resultOf).id };
  const calls = message['tool_calls'];
  if (!Array.isArray(calls)) return message;
  const unpack = (call: unknown): unknown =>
    isRecord(call) && typeof call['id'] === 'string' ? { ...call, id: unpackToolCallId(call['id']).id } : call;
  return { ...message, tool_calls: calls.map(unpack) };
}

/** Under the member the host wants, or under none. A host that wants it refuses a turn with calls that has none, even an empty one. */
function giveReasoningBack(member: NonNullable<DialectQuirks['reasoningBack']>): Edit {
  return (message) => {
    if (message['role'] !== 'assistant') return message;
    const text = message['reasoning_content'] ?? message['reasoning'];
    const rest = without(without(message, 'reasoning_content'), 'reasoning');
    if (member === false) return rest;
    const hasCalls = Array.isArray(message['tool_calls']) && message['tool_calls'].length > 0;
    if (text === undefined || text === null) return hasCalls ? { ...rest, [member]: '' } : rest;
    return { ...rest, [member]: text };
  };
}

function asSystem(message: JsonRecord): JsonRecord {
  return message['role'] === 'developer' ? { ...message, role: 'system' } : message;
}

function clearCacheMarks(message: JsonRecord): JsonRecord {
  const { content } = message;
  const cleared = without(message, 'cache_control');
  return Array.isArray(content) ? { ...cleared, content: content.map(withoutCacheMarks) } : cleared;
}

/** Calls come before their results, so one pass knows every name. */
function createResultNamer(): Edit {
  const names = new Map<unknown, string>();
  return (message) => {
    const calls = message['tool_calls'];
    for (const call of Array.isArray(calls) ? (calls as readonly unknown[]) : []) {
      const called = isRecord(call) ? recordAt(call, 'function') : undefined;
      const name = called === undefined ? undefined : stringAt(called, 'name');
      if (isRecord(call) && name !== undefined) names.set(call['id'], name);
    }
    const known = message['role'] === 'tool' && message['name'] === undefined ? names.get(message['tool_call_id']) : undefined;
    return known === undefined ? message : { ...message, name: known };
  };
}

/** Content of text parts alone as one string; with anything else among them it stays a list. */
function flatten(message: JsonRecord): JsonRecord {
  const { content } = message;
  if (!Array.isArray(content)) return message;
  const texts = content.map((part: unknown) => (isRecord(part) && part['type'] === 'text' ? part['text'] : undefined));
  return texts.every((text) => typeof text === 'string') ? { ...message, content: texts.join('\n\n') } : message;
}
