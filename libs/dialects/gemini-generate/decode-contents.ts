import type { ContentPart, MediaSource, TextPart } from '../conversation/content-part.ts';
import type { AssistantMessage, Message, ReasoningBlock, ToolResultMessage } from '../conversation/message.ts';
import type { ToolCall } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { camelMembers } from './camel-case.ts';
import { createCallMatcher, type CallMatcher } from './call-matcher.ts';
import type { DroppedParams } from '../dropped-params.ts';
import { callSignature, unpackThoughtSignature } from './thought-signature.ts';

/** Members of a part that are no content of their own, and that this conversation can hold. */
const KNOWN_BESIDE: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
]);

/**
 * `contents` as messages. A content of the user may hold results and text: the results come first. A result belongs to the call
 * with its id, or to the first unanswered one of its name: ids are optional in this format. Throws `invalid_request`.
 */
export function decodeContents(input: unknown, context: DroppedParams): Message[] {
  if (!Array.isArray(input)) throw invalidField('contents', 'must be an array of contents');
  const messages: Message[] = [];
  const calls = createCallMatcher();
  input.forEach((value: unknown, index) => {
    const at = `contents[${index}]`;
    const { role, parts } = readContent(value, at);
    if (role === 'model') messages.push(decodeModel(parts, at, calls, context));
    else messages.push(...decodeUser(parts, at, calls, context));
  });
  return messages;
}

/** Text only: other parts have no place in a system prompt. */
export function decodeSystem(input: unknown, at: string): TextPart[] {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [{ type: 'text', text: input }];
  return readContent(input, at).parts.map((part, index) => {
    const text = part['text'];
    if (typeof text !== 'string') throw invalidField(`${at}.parts[${index}].text`, 'must be a string');
    return { type: 'text', text };
  });
}

function readContent(value: unknown, at: string): { readonly role: 'user' | 'model'; readonly parts: readonly JsonRecord[] } {
  if (!isRecord(value)) throw invalidField(at, 'must be an object with parts');
  const role = value['role'] ?? 'user';
  const parts = value['parts'];
  // `function` is what older clients call the turn with the results
  if (role !== 'user' && role !== 'model' && role !== 'function' && role !== 'system') {
    throw invalidField(`${at}.role`, 'must be "user" or "model"');
  }
  if (!Array.isArray(parts)) throw invalidField(`${at}.parts`, 'must be an array of parts');
  const records = parts.map((part: unknown, index) => {
    if (!isRecord(part)) throw invalidField(`${at}.parts[${index}]`, 'must be an object');
    return camelMembers(part);
  });
  return { role: role === 'model' ? 'model' : 'user', parts: records };
}

function decodeModel(parts: readonly JsonRecord[], at: string, calls: CallMatcher, context: DroppedParams): AssistantMessage {
  const reasoning: ReasoningBlock[] = [];
  const content: ContentPart[] = [];
  const toolCalls: ToolCall[] = [];
  let thoughts = '';
  parts.forEach((part, index) => {
    const partAt = `${at}.parts[${index}]`;
    const call = recordAt(part, 'functionCall');
    if (call !== undefined) return void toolCalls.push(decodeCall(part, call, partAt));
    const text = part['text'];
    if (part['thought'] === true) thoughts += typeof text === 'string' ? text : '';
    else content.push(...decodePart(part, partAt, context));
    const signature = stringAt(part, 'thoughtSignature');
    if (signature === undefined) return;
    reasoning.push(unpackThoughtSignature(thoughts, signature));
    thoughts = '';
  });
  if (thoughts !== '') reasoning.push({ type: 'plain', text: thoughts });
  calls.open(toolCalls);
  return { role: 'assistant', reasoning, parts: content, toolCalls };
}

function decodeCall(part: JsonRecord, call: JsonRecord, at: string): ToolCall {
  const name = stringAt(call, 'name');
  if (name === undefined) throw invalidField(`${at}.functionCall.name`, 'must be a string');
  const id = stringAt(call, 'id') ?? `call_${at.replaceAll(/\D+/g, '_').replaceAll(/^_|_$/g, '')}`;
  const signature = callSignature(stringAt(part, 'thoughtSignature'));
  return { id, name, argumentsText: JSON.stringify(call['args'] ?? {}), signature };
}

function decodeUser(parts: readonly JsonRecord[], at: string, calls: CallMatcher, context: DroppedParams): Message[] {
  const results: ToolResultMessage[] = [];
  const content: ContentPart[] = [];
  parts.forEach((part, index) => {
    const partAt = `${at}.parts[${index}]`;
    const response = recordAt(part, 'functionResponse');
    if (response === undefined) content.push(...decodePart(part, partAt, context));
    else results.push(decodeResult(camelMembers(response), `${partAt}.functionResponse`, calls, context));
  });
  return content.length === 0 && results.length > 0 ? results : [...results, { role: 'user', parts: content }];
}

function decodeResult(response: JsonRecord, at: string, calls: CallMatcher, context: DroppedParams): ToolResultMessage {
  const toolCallId = calls.answer(stringAt(response, 'id'), stringAt(response, 'name'), at);
  const value = recordAt(response, 'response') ?? {};
  const error = soleMember(value, 'error');
  const text = textOf(error ?? soleMember(value, 'output') ?? value);
  const inner = response['parts'];
  const media = Array.isArray(inner)
    ? inner.filter(isRecord).flatMap((part) => decodePart(camelMembers(part), `${at}.parts`, context))
    : [];
  const parts: ContentPart[] = text === '' ? media : [{ type: 'text', text }, ...media];
  return { role: 'tool', toolCallId, parts, isError: error !== undefined, cacheControl: undefined };
}

/** `output` and `error` are the API's own members of a result; a result with others is one as a whole. */
function soleMember(value: JsonRecord, name: string): unknown {
  return Object.keys(value).length === 1 ? value[name] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decodePart(part: JsonRecord, at: string, context: DroppedParams): ContentPart[] {
  const text = part['text'];
  const source = mediaOf(part, at);
  if (source === undefined && typeof text !== 'string') return Object.keys(part).length === 0 ? [] : [{ type: 'opaque', value: part }];
  for (const name of Object.keys(part)) if (!KNOWN_BESIDE.has(name)) context.refuse(`${at}.${name}`);
  if (source !== undefined) return [{ type: 'media', source, title: titleOf(part), at }];
  return text === '' || typeof text !== 'string' ? [] : [{ type: 'text', text }];
}

function mediaOf(part: JsonRecord, at: string): MediaSource | undefined {
  const inline = recordAt(part, 'inlineData');
  if (inline !== undefined) return decodeInline(camelMembers(inline), `${at}.inlineData`);
  const file = recordAt(part, 'fileData');
  return file === undefined ? undefined : decodeFile(camelMembers(file), `${at}.fileData`);
}

function decodeInline(blob: JsonRecord, at: string): MediaSource {
  const mediaType = stringAt(blob, 'mimeType');
  const data = stringAt(blob, 'data');
  if (mediaType === undefined) throw invalidField(`${at}.mimeType`, 'must be a media type such as "image/png"');
  if (data === undefined) throw invalidField(`${at}.data`, 'must be base64 text');
  return { kind: 'base64', mediaType: mediaType.toLowerCase(), data };
}

function decodeFile(file: JsonRecord, at: string): MediaSource {
  const url = stringAt(file, 'fileUri');
  if (url === undefined) throw invalidField(`${at}.fileUri`, 'must be the address of a file');
  const mediaType = stringAt(file, 'mimeType')?.toLowerCase();
  if (!/^(?:https?|gs):/i.test(url)) return { kind: 'file-id', fileId: url, mediaType };
  return { kind: mediaType?.startsWith('image/') === true ? 'image-url' : 'document-url', url, mediaType };
}

function titleOf(part: JsonRecord): string | undefined {
  const media = recordAt(part, 'inlineData') ?? recordAt(part, 'fileData');
  return media === undefined ? undefined : stringAt(camelMembers(media), 'displayName');
}
