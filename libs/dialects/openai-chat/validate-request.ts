import { isRecord, type JsonRecord } from '../json/record.ts';
import { invalidField as invalid } from './invalid-field.ts';

const MAX_CHOICES = 128;
const LONGEST_MODEL = 512;
const MAX_TEMPERATURE = 2;
/** Part type → the member that holds its content. Other types are left to the provider. */
const PART_MEMBERS: Readonly<Record<string, string>> = { text: 'text', image_url: 'image_url', input_audio: 'input_audio', file: 'file' };

/**
 * Structure of a chat request: what the gateway routes and meters on, and what no provider could read. Permissive for
 * everything it does not know; `null` counts as not set. Throws `GatewayError` `invalid_request` with the field in `param`.
 */
export function validateRequest(body: JsonRecord): void {
  checkModel(body['model']);
  checkMessages(body['messages']);
  checkInteger(body, 'n', { min: 1, max: MAX_CHOICES });
  checkInteger(body, 'max_tokens', { min: 1 });
  checkInteger(body, 'max_completion_tokens', { min: 1 });
  checkNumber(body, 'temperature', { min: 0, max: MAX_TEMPERATURE });
  checkNumber(body, 'top_p', { min: 0, max: 1 });
  checkBoolean(body, 'stream');
  checkStreamOptions(body['stream_options']);
  checkStop(body['stop']);
  checkTools(body['tools']);
  checkResponseFormat(body['response_format']);
}

/** The name goes into job headers, the ledger and error messages: no text without end, nothing Postgres can't store. */
export function checkModel(model: unknown): void {
  if (typeof model !== 'string' || model === '') throw invalid('model', 'must be a model name, for example "gpt-4o-mini"');
  if (model.length > LONGEST_MODEL) throw invalid('model', `must not be longer than ${LONGEST_MODEL} characters`);
  if (/[\u0000-\u001f\u007f]/.test(model)) throw invalid('model', 'must not hold control characters');
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw invalid('messages', 'must be an array of messages');
  if (messages.length === 0) throw invalid('messages', 'must hold at least one message');
  for (let index = 0; index < messages.length; index += 1) checkMessage(messages[index], index);
}

function checkMessage(message: unknown, index: number): void {
  if (!isRecord(message)) throw invalid(`messages[${index}]`, 'must be an object');
  if (typeof message['role'] !== 'string' || message['role'] === '') {
    throw invalid(`messages[${index}].role`, 'must be a role such as "user", "assistant", "system" or "tool"');
  }
  const content = message['content'];
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalid(`messages[${index}].content`, 'must be a string or an array of content parts');
  for (let part = 0; part < content.length; part += 1) checkPart(content[part], `messages[${index}].content[${part}]`);
}

function checkPart(part: unknown, at: string): void {
  if (!isRecord(part)) throw invalid(at, 'must be an object with a type');
  const type = part['type'];
  if (typeof type !== 'string' || type === '') throw invalid(`${at}.type`, 'must be a string such as "text" or "image_url"');
  const member = Object.hasOwn(PART_MEMBERS, type) ? PART_MEMBERS[type] : undefined;
  if (member === undefined) return;
  const value = part[member];
  if (type === 'text' && typeof value !== 'string') throw invalid(`${at}.text`, 'must be a string');
  if (type === 'image_url' && typeof value !== 'string' && !(isRecord(value) && typeof value['url'] === 'string')) {
    throw invalid(`${at}.image_url.url`, 'must be a string: an https or data URL');
  }
  if ((type === 'file' || type === 'input_audio') && !isRecord(value)) throw invalid(`${at}.${member}`, 'must be an object');
}

function checkStreamOptions(options: unknown): void {
  if (options === undefined || options === null) return;
  if (!isRecord(options)) throw invalid('stream_options', 'must be an object');
  const usage = options['include_usage'];
  if (usage !== undefined && usage !== null && typeof usage !== 'boolean')
    throw invalid('stream_options.include_usage', 'must be true or false');
}

function checkStop(stop: unknown): void {
  if (stop === undefined || stop === null || typeof stop === 'string') return;
  const isList = Array.isArray(stop) && stop.every((sequence) => typeof sequence === 'string');
  if (!isList) throw invalid('stop', 'must be a string or an array of strings');
}

function checkTools(tools: unknown): void {
  if (tools === undefined || tools === null) return;
  if (!Array.isArray(tools)) throw invalid('tools', 'must be an array of tools');
  for (let index = 0; index < tools.length; index += 1) {
    const tool: unknown = tools[index];
    if (!isRecord(tool)) throw invalid(`tools[${index}]`, 'must be an object');
    if (typeof tool['type'] !== 'string') throw invalid(`tools[${index}].type`, 'must be a string such as "function"');
    if (tool['type'] !== 'function') continue;
    const called = tool['function'];
    if (!isRecord(called) || typeof called['name'] !== 'string' || called['name'] === '') {
      throw invalid(`tools[${index}].function.name`, 'must be the name of the function');
    }
  }
}

function checkResponseFormat(format: unknown): void {
  if (format === undefined || format === null) return;
  if (!isRecord(format) || typeof format['type'] !== 'string')
    throw invalid('response_format', 'must be an object with a type such as "json_schema"');
}

interface Bounds {
  readonly min: number;
  readonly max?: number;
}

export function checkInteger(body: JsonRecord, field: string, bounds: Bounds): void {
  const value = body[field];
  if (value === undefined || value === null) return;
  if (!Number.isSafeInteger(value) || !isWithin(value, bounds)) throw invalid(field, `must be an integer ${range(bounds)}`);
}

export function checkNumber(body: JsonRecord, field: string, bounds: Bounds): void {
  const value = body[field];
  if (value === undefined || value === null) return;
  if (!isWithin(value, bounds)) throw invalid(field, `must be a number ${range(bounds)}`);
}

export function checkBoolean(body: JsonRecord, field: string): void {
  const value = body[field];
  if (value !== undefined && value !== null && typeof value !== 'boolean') throw invalid(field, 'must be true or false');
}

function isWithin(value: unknown, bounds: Bounds): boolean {
  return typeof value === 'number' && value >= bounds.min && value <= (bounds.max ?? Number.POSITIVE_INFINITY);
}

function range(bounds: Bounds): string {
  return bounds.max === undefined ? `of at least ${bounds.min}` : `from ${bounds.min} to ${bounds.max}`;
}
