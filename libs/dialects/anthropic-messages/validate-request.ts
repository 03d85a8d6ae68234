import { isRecord, type JsonRecord } from '../json/record.ts';
import { invalidField as invalid } from '../openai-chat/invalid-field.ts';
import { checkBoolean, checkInteger, checkModel, checkNumber } from '../openai-chat/validate-request.ts';

/** Block type → the member that holds its content, where the gateway reads it. Other types are left to the provider. */
const BLOCK_TEXTS: Readonly<Record<string, string>> = { text: 'text', thinking: 'thinking' };

/**
 * Structure of a Messages request: what the gateway routes and meters on, and what no provider could read. Permissive for
 * everything it does not know; `null` counts as not set. Throws `GatewayError` `invalid_request` with the field in `param`.
 */
export function validateRequest(body: JsonRecord): void {
  validatePrompt(body);
  // 0 warms the prompt cache
  checkInteger(body, 'max_tokens', { min: 0 });
  checkNumber(body, 'temperature', { min: 0, max: 2 });
  checkNumber(body, 'top_p', { min: 0, max: 1 });
  checkInteger(body, 'top_k', { min: 0 });
  checkBoolean(body, 'stream');
  const stop = body['stop_sequences'];
  if (stop !== undefined && stop !== null && !(Array.isArray(stop) && stop.every((sequence) => typeof sequence === 'string'))) {
    throw invalid('stop_sequences', 'must be an array of strings');
  }
}

/** Counting tokens takes the prompt alone. */
export function validateCount(body: JsonRecord): void {
  validatePrompt(body);
  if (body['stream'] === true) throw invalid('stream', 'must not be set: a token count comes in one piece');
}

function validatePrompt(body: JsonRecord): void {
  checkModel(body['model']);
  checkMessages(body['messages']);
  if (body['system'] !== undefined && body['system'] !== null) checkContent(body['system'], 'system');
  checkTools(body['tools']);
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw invalid('messages', 'must be an array of messages');
  if (messages.length === 0) throw invalid('messages', 'must hold at least one message');
  for (let index = 0; index < messages.length; index += 1) {
    const message: unknown = messages[index];
    if (!isRecord(message)) throw invalid(`messages[${index}]`, 'must be an object');
    if (typeof message['role'] !== 'string' || message['role'] === '')
      throw invalid(`messages[${index}].role`, 'must be "user" or "assistant"');
    checkContent(message['content'], `messages[${index}].content`);
  }
}

function checkContent(content: unknown, at: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalid(at, 'must be a string or an array of content blocks');
  for (let index = 0; index < content.length; index += 1) {
    const block: unknown = content[index];
    if (!isRecord(block)) throw invalid(`${at}[${index}]`, 'must be an object with a type');
    const type = block['type'];
    if (typeof type !== 'string' || type === '') throw invalid(`${at}[${index}].type`, 'must be a string such as "text" or "image"');
    const member = Object.hasOwn(BLOCK_TEXTS, type) ? BLOCK_TEXTS[type] : undefined;
    if (member !== undefined && typeof block[member] !== 'string') throw invalid(`${at}[${index}].${member}`, 'must be a string');
  }
}

function checkTools(tools: unknown): void {
  if (tools === undefined || tools === null) return;
  if (!Array.isArray(tools)) throw invalid('tools', 'must be an array of tools');
  for (let index = 0; index < tools.length; index += 1) {
    const tool: unknown = tools[index];
    if (!isRecord(tool)) throw invalid(`tools[${index}]`, 'must be an object');
    const isServerTool = typeof tool['type'] === 'string' && tool['type'] !== 'custom';
    if (!isServerTool && (typeof tool['name'] !== 'string' || tool['name'] === '')) {
      throw invalid(`tools[${index}].name`, 'must be the name of the tool');
    }
  }
}
