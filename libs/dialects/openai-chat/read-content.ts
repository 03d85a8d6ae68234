import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';

export interface ReadContent {
  readonly text: string;
  readonly reasoning: string;
}

/**
 * What a message or a delta says: text from `content` and `refusal`, reasoning from `reasoning_content` (DeepSeek and most) or
 * `reasoning` (OpenRouter, Groq, newer vLLM). Content may be a list of parts (Mistral's and Databricks' reasoning models), with
 * parts of reasoning in it: `{type:'thinking',thinking:[{type:'text',text}]}` or `{type:'reasoning',summary:[{text}]}`.
 */
export function readContent(message: JsonRecord): ReadContent {
  const stated = message['reasoning_content'] ?? message['reasoning'];
  const refusal = message['refusal'];
  const suffix = typeof refusal === 'string' ? refusal : '';
  const reasoning = typeof stated === 'string' ? stated : '';
  const { content } = message;
  if (typeof content === 'string') return { text: content + suffix, reasoning };
  if (!Array.isArray(content)) return { text: suffix, reasoning };
  const parts = readParts(content);
  return { text: parts.text + suffix, reasoning: reasoning + parts.reasoning };
}

function readParts(parts: readonly unknown[]): ReadContent {
  let text = '';
  let reasoning = '';
  for (const part of parts) {
    if (!isRecord(part)) continue;
    if (part['type'] === 'thinking') reasoning += textsIn(part['thinking']);
    else if (part['type'] === 'reasoning') reasoning += textsIn(part['summary'] ?? part['text']);
    else text += stringAt(part, 'text') ?? '';
  }
  return { text, reasoning };
}

function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part: unknown) => (isRecord(part) ? (stringAt(part, 'text') ?? '') : '')).join('');
}
