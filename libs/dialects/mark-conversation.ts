import type { CacheControl, ContentPart } from './conversation/content-part.ts';
import type { Message } from './conversation/message.ts';
import type { ConversationRequest } from './conversation/request.ts';
import { CHARS_PER_TOKEN, EPHEMERAL, type MarkPoint, MOST_MARKS, type PromptMarking } from './mark-prompt.ts';

type Marked = Pick<ConversationRequest, 'system' | 'messages' | 'tools'>;

/**
 * A conversation of a client whose format has no marks (Responses, Gemini), with marks for the provider's prompt cache: at the places where `markPrompt`
 * sets them in the others. Messages are counted without system prompts.
 */
export function markConversation(request: ConversationRequest, { places, minTokens }: PromptMarking): ConversationRequest {
  const marked = places === 'auto' ? markStable(request, minTokens) : markPoints(request, places);
  return { ...request, ...marked };
}

function markStable(request: Marked, minTokens: number): Marked {
  const { system, tools, messages } = request;
  const fixed = sizeOf(tools) + sizeOf(system);
  const goesOn = messages.some(({ role }) => role === 'assistant');
  const isLong = fixed + sizeOf(messages) >= minTokens;
  const begun = fixed < minTokens ? request : system.length > 0 ? markSystem(request) : markTools(request);
  return goesOn && isLong ? markMessage(begun, messages.length - 1) : begun;
}

function markPoints(request: Marked, points: readonly MarkPoint[]): Marked {
  let marked = request;
  let left = MOST_MARKS;
  const mark = (by: (from: Marked) => Marked): void => {
    const next = left > 0 ? by(marked) : marked;
    if (next !== marked) left -= 1;
    marked = next;
  };
  for (const { location, role, index, control } of points) {
    if (location === 'tool_config') mark((from) => markTools(from, control));
    else if (role === 'system' || role === 'developer') mark((from) => markSystem(from, control));
    else for (const at of placesOf(request.messages, role, index)) mark((from) => markMessage(from, at, control));
  }
  return marked;
}

function placesOf(messages: readonly Message[], role: string | undefined, index: number | undefined): readonly number[] {
  const wanted = index === undefined ? undefined : index < 0 ? messages.length + index : index;
  return [...messages.keys()].filter(
    (at) => (wanted === undefined || at === wanted) && (role === undefined || messages[at]?.role === role),
  );
}

function markSystem(request: Marked, control = EPHEMERAL): Marked {
  const { system } = request;
  const last = system.at(-1);
  if (last === undefined || last.text === '' || last.cacheControl !== undefined) return request;
  return { ...request, system: system.with(-1, { ...last, cacheControl: control }) };
}

function markTools(request: Marked, control = EPHEMERAL): Marked {
  const { tools } = request;
  const last = tools.at(-1);
  if (last === undefined || last.type === 'opaque' || last.cacheControl !== undefined) return request;
  return { ...request, tools: tools.with(-1, { ...last, cacheControl: control }) };
}

function markMessage(request: Marked, at: number, control = EPHEMERAL): Marked {
  const message = request.messages[at];
  const marked = message && markedMessage(message, control);
  return marked === undefined ? request : { ...request, messages: request.messages.with(at, marked) };
}

function markedMessage(message: Message, control: CacheControl): Message | undefined {
  if (message.role === 'tool') return message.cacheControl === undefined ? { ...message, cacheControl: control } : undefined;
  // what a model answered with tool calls ends with them: there is no place for one
  if (message.role === 'assistant' && message.toolCalls.length > 0) return undefined;
  const last: ContentPart | undefined = message.parts.at(-1);
  if (last === undefined || last.type === 'opaque' || last.cacheControl !== undefined || (last.type === 'text' && last.text === ''))
    return undefined;
  return { ...message, parts: message.parts.with(-1, { ...last, cacheControl: control }) };
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length / CHARS_PER_TOKEN;
}
