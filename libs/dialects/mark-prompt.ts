import type { ClientDialect } from '#contracts';
import type { DialectQuirks, ProviderDialect } from './exchange.ts';
import { isRecord, type JsonRecord } from './json/record.ts';

/** Where marks are to be set: as LiteLLM's `cache_control_injection_points` say, or `auto`. */
export type MarkPlaces = 'auto' | readonly MarkPoint[];

export interface MarkPoint {
  readonly location: 'message' | 'tool_config';
  readonly role?: string | undefined;
  /** Of a message; from the end where it is negative. */
  readonly index?: number | undefined;
  readonly control?: JsonRecord | undefined;
}

export interface PromptMarking {
  readonly places: MarkPlaces;
  /** A shorter beginning is not marked by `auto`. */
  readonly minTokens: number;
}

export interface PromptToMark extends PromptMarking {
  readonly body: Uint8Array;
  readonly clientDialect: ClientDialect;
}

/** Anthropic and Bedrock take four in a request (https://docs.claude.com/en/docs/build-with-claude/prompt-caching). */
export const MOST_MARKS = 4;
export const CHARS_PER_TOKEN = 4;
export const EPHEMERAL: JsonRecord = { type: 'ephemeral' };
const MARK = '"cache_control"';

const MARKED_DIALECTS: ReadonlySet<ProviderDialect> = new Set(['anthropic-messages', 'bedrock-invoke', 'vertex-raw-predict']);
/** Of the models on Bedrock's Converse (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html). */
const MARKED_ON_CONVERSE = /claude|nova/;

/** Whether a provider caches what is marked, and takes marks at all. */
export function takesMarks(target: { readonly dialect: ProviderDialect; readonly model: string; readonly quirks: DialectQuirks }): boolean {
  if (target.dialect === 'bedrock-converse') return MARKED_ON_CONVERSE.test(target.model);
  return MARKED_DIALECTS.has(target.dialect) || (target.dialect === 'openai-chat' && target.quirks.cacheControl === 'blocks');
}

/**
 * A request with marks for the provider's prompt cache, in the client's format; the same bytes where there is nothing to mark: the client has set marks of
 * its own, or its format has none (OpenAI's and Anthropic's chat have them; conversations in others are marked by `markConversation`).
 *
 * `auto` marks what later requests will begin with: the end of tools and system prompt where these are long, and the end of the whole where a model has
 * answered before, so that a conversation goes on. A question without a history is not marked: nobody may ever read what would be paid for to be written.
 */
export function markPrompt({ body, clientDialect, places, minTokens }: PromptToMark): Uint8Array {
  if (!hasMarks(clientDialect)) return body;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if ((places === 'auto' && bytes.length < minTokens * 2) || bytes.includes(MARK)) return body;
  const fields: unknown = JSON.parse(bytes.toString());
  if (!isRecord(fields) || !Array.isArray(fields['messages'])) return body;
  const prompt = openPrompt(fields, fields['messages']);
  if (places === 'auto') markStable(prompt, minTokens);
  else for (const point of places) markPoint(prompt, point);
  return prompt.marks() === 0 ? body : Buffer.from(JSON.stringify({ ...fields, ...prompt.changed() }));
}

/** Whether the requests of a format have places for marks. */
export function hasMarks(dialect: ClientDialect): boolean {
  return dialect === 'openai-chat' || dialect === 'anthropic-messages';
}

interface OpenPrompt {
  readonly messages: readonly unknown[];
  readonly tools: readonly unknown[];
  /** Anthropic's; OpenAI's is a message. */
  readonly system: unknown;
  markMessage(at: number, control?: JsonRecord): void;
  markSystem(control?: JsonRecord): void;
  markTools(control?: JsonRecord): void;
  marks(): number;
  changed(): JsonRecord;
}

function openPrompt(fields: JsonRecord, list: readonly unknown[]): OpenPrompt {
  const messages = [...list];
  const tools = Array.isArray(fields['tools']) ? [...(fields['tools'] as readonly unknown[])] : [];
  let { system } = fields;
  let count = 0;
  const marked = (value: unknown, mark: (one: unknown) => unknown): unknown => {
    const next = count < MOST_MARKS ? mark(value) : undefined;
    if (next === undefined) return value;
    count += 1;
    return next;
  };
  return {
    messages,
    tools,
    system,
    markMessage(at, control = EPHEMERAL) {
      messages[at] = marked(messages[at], (message) => withMarkedContent(message, control));
    },
    markSystem(control = EPHEMERAL) {
      system = marked(system, (content) => markedContent(content, control));
    },
    markTools(control = EPHEMERAL) {
      const at = tools.length - 1;
      tools[at] = marked(tools[at], (tool) => (isRecord(tool) && !isMarked(tool) ? { ...tool, cache_control: control } : undefined));
    },
    marks: () => count,
    changed: () => ({
      messages,
      ...(tools.length > 0 ? { tools } : {}),
      ...(system === undefined ? {} : { system }),
    }),
  };
}

function markStable(prompt: OpenPrompt, minTokens: number): void {
  const { messages, tools, system } = prompt;
  const lead = leadingSystem(messages);
  const fixed = sizeOf(tools) + sizeOf(system) + messages.slice(0, lead).reduce<number>((sum, one) => sum + sizeOf(one), 0);
  if (fixed >= minTokens) {
    if (lead > 0) prompt.markMessage(lead - 1);
    else if (system !== undefined) prompt.markSystem();
    else prompt.markTools();
  }
  const goesOn = messages.some((message) => isRecord(message) && message['role'] === 'assistant');
  const whole = fixed + messages.slice(lead).reduce<number>((sum, one) => sum + sizeOf(one), 0);
  if (goesOn && whole >= minTokens) prompt.markMessage(messages.length - 1);
}

/** How many messages at the beginning are instructions. */
function leadingSystem(messages: readonly unknown[]): number {
  const first = messages.findIndex((message) => !isRecord(message) || !INSTRUCTIONS.has(message['role']));
  return first < 0 ? messages.length : first;
}

const INSTRUCTIONS: ReadonlySet<unknown> = new Set(['system', 'developer']);

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length / CHARS_PER_TOKEN;
}

function markPoint(prompt: OpenPrompt, { location, role, index, control }: MarkPoint): void {
  if (location === 'tool_config') return prompt.tools.length > 0 ? prompt.markTools(control) : undefined;
  const { messages } = prompt;
  if (role === 'system' && prompt.system !== undefined && index === undefined) prompt.markSystem(control);
  const wanted = index === undefined ? undefined : index < 0 ? messages.length + index : index;
  for (const [at, message] of messages.entries()) {
    if (wanted !== undefined && at !== wanted) continue;
    if (role !== undefined && (!isRecord(message) || message['role'] !== role)) continue;
    prompt.markMessage(at, control);
  }
}

function withMarkedContent(message: unknown, control: JsonRecord): JsonRecord | undefined {
  if (!isRecord(message) || message['role'] === 'assistant') return markedAnswer(message, control);
  // a tool's result has its mark beside its text in OpenAI's format
  if (message['role'] === 'tool') return { ...message, cache_control: control };
  const content = markedContent(message['content'], control);
  return content === undefined ? undefined : { ...message, content };
}

/** An answer that is nothing but tool calls has no place for one. */
function markedAnswer(message: unknown, control: JsonRecord): JsonRecord | undefined {
  const content = isRecord(message) ? markedContent(message['content'], control) : undefined;
  return content === undefined || !isRecord(message) ? undefined : { ...message, content };
}

/** The last block with the mark; thoughts and empty texts take none. */
function markedContent(content: unknown, control: JsonRecord): readonly unknown[] | undefined {
  if (typeof content === 'string') return content === '' ? undefined : [{ type: 'text', text: content, cache_control: control }];
  if (!Array.isArray(content)) return undefined;
  const blocks: readonly unknown[] = content;
  const last = blocks.at(-1);
  if (!isRecord(last) || isMarked(last) || last['text'] === '' || String(last['type']).includes('thinking')) return undefined;
  return [...blocks.slice(0, -1), { ...last, cache_control: control }];
}

function isMarked(block: JsonRecord): boolean {
  return block['cache_control'] !== undefined;
}
