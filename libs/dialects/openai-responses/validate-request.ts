import { GatewayError } from '#contracts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { invalidField as invalid } from '../openai-chat/invalid-field.ts';
import { checkBoolean, checkInteger, checkModel, checkNumber } from '../openai-chat/validate-request.ts';

/** Members that the gateway can't do for any provider: it would lose the answer, or let a key into another's conversation. */
const NOT_HERE: Readonly<Record<string, string>> = {
  conversation: 'Continue with previous_response_id, or send the items themselves.',
};

/**
 * Structure of a Responses request: what the gateway routes, meters and stores on. Permissive for everything it does not know;
 * `null` counts as not set. Throws `GatewayError` `invalid_request` or `unsupported_parameter` with the field in `param`.
 */
export function validateRequest(body: JsonRecord): void {
  checkModel(body['model']);
  for (const [field, advice] of Object.entries(NOT_HERE)) {
    const value = body[field];
    if (value === undefined || value === null || value === false) continue;
    throw new GatewayError('unsupported_parameter', `'${field}' is not supported by this gateway. ${advice}`, { param: field });
  }
  checkInput(body);
  checkText(body, 'previous_response_id');
  checkText(body, 'instructions');
  checkInteger(body, 'max_output_tokens', { min: 1 });
  checkNumber(body, 'temperature', { min: 0, max: 2 });
  checkNumber(body, 'top_p', { min: 0, max: 1 });
  checkBoolean(body, 'stream');
  checkBoolean(body, 'store');
  checkBoolean(body, 'background');
  checkTools(body['tools']);
  checkFormat(body['text']);
}

/** A stored prompt or an earlier response may be all there is to say. */
function checkInput(body: JsonRecord): void {
  const input = body['input'];
  if (typeof input === 'string') return;
  if (input === undefined || input === null) {
    if (isRecord(body['prompt']) || typeof body['previous_response_id'] === 'string') return;
    throw invalid('input', 'must be a string or an array of items');
  }
  if (!Array.isArray(input)) throw invalid('input', 'must be a string or an array of items');
  for (let index = 0; index < input.length; index += 1) checkItem(input[index], `input[${index}]`);
}

function checkItem(item: unknown, at: string): void {
  if (!isRecord(item)) throw invalid(at, 'must be an object');
  const type = item['type'] ?? 'message';
  if (typeof type !== 'string') throw invalid(`${at}.type`, 'must be a string such as "message" or "function_call_output"');
  if (type !== 'message') return;
  if (typeof item['role'] !== 'string') throw invalid(`${at}.role`, 'must be a role such as "user", "assistant" or "developer"');
  const content = item['content'];
  if (typeof content !== 'string' && !Array.isArray(content))
    throw invalid(`${at}.content`, 'must be a string or an array of content parts');
}

function checkText(body: JsonRecord, field: string): void {
  const value = body[field];
  if (value !== undefined && value !== null && typeof value !== 'string') throw invalid(field, 'must be a string');
}

function checkTools(tools: unknown): void {
  if (tools === undefined || tools === null) return;
  if (!Array.isArray(tools)) throw invalid('tools', 'must be an array of tools');
  tools.forEach((tool: unknown, index) => {
    if (!isRecord(tool)) throw invalid(`tools[${index}]`, 'must be an object');
    if (typeof tool['type'] !== 'string') throw invalid(`tools[${index}].type`, 'must be a string such as "function"');
    if (tool['type'] === 'function' && (typeof tool['name'] !== 'string' || tool['name'] === '')) {
      throw invalid(`tools[${index}].name`, 'must be the name of the function');
    }
  });
}

function checkFormat(text: unknown): void {
  if (text === undefined || text === null) return;
  if (!isRecord(text)) throw invalid('text', 'must be an object');
  const format = text['format'];
  if (format === undefined || format === null) return;
  if (!isRecord(format) || typeof format['type'] !== 'string')
    throw invalid('text.format', 'must be an object with a type such as "json_schema"');
}
