import { hash } from 'node:crypto';
import { isRecord } from '../gateway-api.ts';
import type { TextLine } from './read-lines.ts';

/** A line of the input that can be submitted. */
export interface BatchLine {
  readonly line: number;
  /** Of the job: the line's number and the hash of what is asked. A line that is changed is another job. */
  readonly id: string;
  readonly customId: string;
  readonly route: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A line that can't be; it ends as an error of its own and holds up none of the others. */
export interface BadLine {
  readonly line: number;
  readonly id: string;
  readonly customId: string;
  readonly problem: string;
}

export interface LineDefaults {
  /** For lines that name no model. */
  readonly model: string | undefined;
  /** For lines that name no `url`. */
  readonly endpoint: string;
}

const CHAT = '/v1/chat/completions';

/**
 * Reads a line in one of the forms: OpenAI's batch (`{"custom_id", "method", "url", "body"}`), a request's body alone, or `{"prompt": "…"}`,
 * which becomes a chat with one message.
 */
export function readBatchLine({ number: line, text }: TextLine, defaults: LineDefaults): BatchLine | BadLine {
  const id = (asked: string): string => `l${line}-${hash('sha256', asked).slice(0, 12)}`;
  const bad = (problem: string, customId = `line-${line}`): BadLine => ({ line, id: id(text), customId, problem });
  const value = parse(text);
  if (!isRecord(value)) return bad(value === undefined ? 'the line is not JSON' : 'the line is not a JSON object');
  const isWrapped = isRecord(value['body']);
  const customId = typeof value['custom_id'] === 'string' ? value['custom_id'] : `line-${line}`;
  if ('body' in value && !isWrapped) return bad('"body" is not an object', customId);
  if (isWrapped && value['method'] !== undefined && value['method'] !== 'POST') return bad('"method" must be "POST"', customId);
  const route = isWrapped ? (value['url'] ?? defaults.endpoint) : defaults.endpoint;
  if (typeof route !== 'string' || !route.startsWith('/')) return bad('"url" must be a path such as "/v1/chat/completions"', customId);
  const { custom_id: _name, ...own } = value;
  const fields = isRecord(value['body']) ? value['body'] : asRequest(own, route);
  const model = fields['model'] ?? defaults.model;
  if (typeof model !== 'string' || model === '') return bad('no model: name one in "body.model", or for all lines with --model', customId);
  const body = { ...fields, model };
  return { line, id: id(`${route}\n${JSON.stringify(body)}`), customId, route, body };
}

function asRequest(fields: Readonly<Record<string, unknown>>, route: string): Readonly<Record<string, unknown>> {
  const { prompt, ...rest } = fields;
  if (route !== CHAT || typeof prompt !== 'string' || 'messages' in rest) return fields;
  return { ...rest, messages: [{ role: 'user', content: prompt }] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
