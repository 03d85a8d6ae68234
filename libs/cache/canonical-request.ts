import type { ClientDialect } from '#contracts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that say who asks, where it goes, or how the answer travels: requests that differ in them alone have the same answer. */
const NOT_OF_THE_ANSWER: ReadonlySet<string> = new Set([
  // the group it goes to stands beside the request in the hash
  'model',
  'stream',
  'stream_options',
  'user',
  'safety_identifier',
  'metadata',
  'background',
  'prompt_cache_key',
  'prompt_cache_retention',
  'service_tier',
  'cache',
  'caching',
  'fallbacks',
  'context_window_fallback_dict',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'disable_fallbacks',
  'num_retries',
  'max_fallbacks',
  'timeout',
  'stream_timeout',
  'priority',
  'tags',
  'no-log',
  'litellm_session_id',
  'litellm_trace_id',
  'litellm_call_id',
  'litellm_metadata',
  'headrace_stream_on_failure',
]);

/**
 * What leaving a field out means, by the documentation of each format and whoever serves it (platform.openai.com/docs/api-reference,
 * docs.anthropic.com/en/api). Temperature and `top_p` are not among them: hosts of open models have defaults of their own.
 */
const DEFAULTS: Readonly<Partial<Record<ClientDialect, Fields>>> = {
  'openai-chat': { n: 1, frequency_penalty: 0, presence_penalty: 0, logprobs: false, parallel_tool_calls: true, tool_choice: 'auto' },
  'openai-completions': { n: 1, best_of: 1, frequency_penalty: 0, presence_penalty: 0, echo: false },
  'openai-responses': { parallel_tool_calls: true, tool_choice: 'auto', truncation: 'disabled', store: true },
  'openai-embeddings': { encoding_format: 'float' },
  'cohere-rerank': { return_documents: false },
};

/** Where it has nothing to do with the gateway's own memory, `store` is about the provider's logs. */
const STORE_MATTERS: ClientDialect = 'openai-responses';

/** Values that ask for nothing. */
const EMPTY_LISTS: ReadonlySet<string> = new Set(['tools', 'stop', 'functions', 'include', 'stop_sequences']);

export interface CanonicalOptions {
  readonly dialect: ClientDialect;
  /** Fields that the group's deployments set where a request does not: leaving those out is something else than their usual default. */
  readonly setElsewhere?: ReadonlySet<string> | undefined;
  /** More that makes no difference: the text that a similar request is looked up by. */
  readonly without?: ReadonlySet<string> | undefined;
}

/**
 * A request's text as it is hashed: the same for any order of keys, for white space between them, for defaults that are spelled out or left
 * out, and for what does not change the answer. The order within JSON schemas stays: models write their objects in it.
 */
export function canonicalRequest(fields: Fields, { dialect, setElsewhere, without }: CanonicalOptions): string {
  const defaults = DEFAULTS[dialect] ?? NO_FIELDS;
  let text = '{';
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (value === undefined || value === null || NOT_OF_THE_ANSWER.has(name) || without?.has(name) === true) continue;
    if (name === 'store' && dialect !== STORE_MATTERS) continue;
    if (setElsewhere?.has(name) !== true && isDefault(name, value, defaults)) continue;
    text += `${JSON.stringify(name)}:${canonicalValue(withoutWrapping(name, value), false)},`;
  }
  return `${text}}`;
}

const NO_FIELDS: Fields = {};

function isDefault(name: string, value: unknown, defaults: Fields): boolean {
  if (EMPTY_LISTS.has(name) && Array.isArray(value) && value.length === 0) return true;
  return Object.hasOwn(defaults, name) && defaults[name] === value;
}

/** A message whose content is one plain text in a list says the same as that text by itself; a stop word in a list too. */
function withoutWrapping(name: string, value: unknown): unknown {
  if (name === 'stop' && Array.isArray(value) && value.length === 1) return value[0];
  if (name !== 'messages' || !Array.isArray(value)) return value;
  return value.map((message: unknown) => (isRecord(message) ? unwrapped(message) : message));
}

function unwrapped(message: Fields): Fields {
  const { content } = message;
  const part: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  if (!isRecord(part) || part['type'] !== 'text' || typeof part['text'] !== 'string' || Object.keys(part).length !== 2) return message;
  return { ...message, content: part['text'] };
}

/** JSON with sorted keys, but below `properties` of a schema. */
function canonicalValue(value: unknown, keepOrder: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalValue(item, false)).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  if (!keepOrder) names.sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalValue(value[name], name === 'properties')}`).join(',')}}`;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
