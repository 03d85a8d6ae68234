import type { ClientDialect } from '#contracts';
import { canonicalRequest } from '../canonical-request.ts';
import { contextHash, type KeyedRequest } from '../cache-key.ts';

/** What a request is compared by: its last text, among requests that are the same in everything else. */
export interface SimilarQuestion {
  readonly text: string;
  readonly context: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Longer texts say too much for one vector. */
const LONGEST_TEXT = 1_000;
/** Answers that depend on more than words, and those that are meant to differ. */
const EXCLUDING = [
  ...['tools', 'functions', 'response_format', 'output_format', 'mcp_servers', 'audio', 'prediction', 'web_search_options'],
  // what it goes on from changes without the request
  'conversation',
] as const;
/** The same within Gemini's `generationConfig`. */
const EXCLUDING_GENERATION = [
  'responseSchema',
  'responseJsonSchema',
  'responseMimeType',
  'responseModalities',
  'speechConfig',
  'imageConfig',
] as const;

/** Where a format has its conversation, and the text of one of its turns; a turn of the model or with more than a text has none. */
interface Conversation {
  readonly field: string;
  readonly textOf: (turn: Fields) => unknown;
}

const MESSAGES: Conversation = { field: 'messages', textOf: (turn) => (isOfUser(turn) ? onlyText(turn['content'], 'text') : undefined) };
const CONVERSATIONS: Readonly<Partial<Record<ClientDialect, Conversation>>> = {
  'openai-chat': MESSAGES,
  'anthropic-messages': MESSAGES,
  'openai-responses': {
    field: 'input',
    textOf: (turn) => (isOfUser(turn) && (turn['type'] ?? 'message') === 'message' ? onlyText(turn['content'], 'input_text') : undefined),
  },
  'gemini-generate': {
    field: 'contents',
    textOf: (turn) => ((turn['role'] ?? 'user') === 'user' ? onlyText(turn['parts'], undefined) : undefined),
  },
};

/**
 * Undefined for a request that only the same one is like: with tools or a schema, a temperature above the setting, or a last turn that is no plain
 * text of a user. All before that turn must be identical.
 */
export function similarQuestion(
  request: KeyedRequest,
  { maxTemperature }: { readonly maxTemperature: number },
): SimilarQuestion | undefined {
  const { fields, dialect } = request;
  const conversation = CONVERSATIONS[dialect];
  if (conversation === undefined || asksForMoreThanText(fields) || isAbove(maxTemperature, fields)) return undefined;
  const { field, textOf } = conversation;
  const turns = turnsOf(fields[field]);
  const last = turns?.at(-1);
  if (turns === undefined || !isRecord(last)) return undefined;
  const text = textOf(last);
  if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) return undefined;
  const earlier = canonicalRequest({ [field]: turns.slice(0, -1) }, request);
  return { text, context: contextHash(request, new Set([field]), earlier).slice(0, 32) };
}

/** The Responses API takes a text for a list of one turn. */
function turnsOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  return Array.isArray(value) ? value : undefined;
}

function asksForMoreThanText(fields: Fields): boolean {
  if (EXCLUDING.some((name) => isAsked(fields[name]))) return true;
  const generation = generationOf(fields);
  if (EXCLUDING_GENERATION.some((name) => isAsked(generation[name] ?? generation[snakeCase(name)]))) return true;
  // Anthropic's, and that of the Responses API, which says `text` for none
  const formats = [fields['output_config'], fields['text']].map((value) => (isRecord(value) ? value['format'] : undefined));
  return formats.some((format) => isAsked(format) && !(isRecord(format) && format['type'] === 'text'));
}

function isAbove(maxTemperature: number, fields: Fields): boolean {
  const temperature = fields['temperature'] ?? generationOf(fields)['temperature'];
  return typeof temperature === 'number' && temperature > maxTemperature;
}

function generationOf(fields: Fields): Fields {
  const generation = fields['generationConfig'] ?? fields['generation_config'];
  return isRecord(generation) ? generation : NO_FIELDS;
}

const NO_FIELDS: Fields = {};

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isAsked(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

function isOfUser(turn: Fields): boolean {
  return turn['role'] === 'user';
}

/** A text, or a list of one part that is nothing else: of that type, where parts have one. */
function onlyText(content: unknown, type: string | undefined): unknown {
  if (!Array.isArray(content)) return content;
  const part: unknown = content.length === 1 ? content[0] : undefined;
  if (!isRecord(part) || part['type'] !== type) return undefined;
  return type === undefined && Object.keys(part).length > 1 ? undefined : part['text'];
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
