import { canonicalRequest } from '../canonical-request.ts';
import { contextHash, type KeyedRequest } from '../cache-key.ts';

/** What a request is compared by: its last text, among requests that are the same in everything else. */
export interface SimilarQuestion {
  readonly text: string;
  readonly context: string;
}

/** Longer texts say too much for one vector. */
const LONGEST_TEXT = 1_000;
const LAST_TEXT: ReadonlySet<string> = new Set(['messages']);
/** Answers that depend on more than words, and those that are meant to differ. */
const EXCLUDING = ['tools', 'functions', 'response_format', 'mcp_servers', 'audio', 'prediction', 'web_search_options'] as const;

/**
 * Undefined for a request that only the same one is like: with tools or a schema, a temperature above the setting, or a last message that is no plain
 * text of a user. All before that message must be identical.
 */
export function similarQuestion(
  request: KeyedRequest,
  { maxTemperature }: { readonly maxTemperature: number },
): SimilarQuestion | undefined {
  const { fields, dialect } = request;
  const { messages, temperature } = fields;
  if ((dialect !== 'openai-chat' && dialect !== 'anthropic-messages') || !Array.isArray(messages)) return undefined;
  if (EXCLUDING.some((name) => isAsked(fields[name]))) return undefined;
  if (typeof temperature === 'number' && temperature > maxTemperature) return undefined;
  const text = textOf(messages.at(-1));
  if (text === undefined || text.length > LONGEST_TEXT) return undefined;
  const earlier = canonicalRequest({ messages: messages.slice(0, -1) }, request);
  return { text, context: contextHash(request, LAST_TEXT, earlier).slice(0, 32) };
}

function isAsked(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

function textOf(message: unknown): string | undefined {
  if (!isRecord(message) || message['role'] !== 'user') return undefined;
  const { content } = message;
  const only: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  const text = isRecord(only) && only['type'] === 'text' ? only['text'] : content;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
