import { parseInstructions, type Instructions } from './instructions.ts';
import { describe, isObject, type JsonObject } from './json.ts';
import { invalidRequest } from './openai-error.ts';
import { countTokens } from './tokens.ts';

/** A checked `POST /v1/chat/completions`: what the sandbox acts on. Members it does not know are let pass, as providers do. */
export interface ChatRequest {
  readonly model: string;
  readonly conversation: Conversation;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number;
  readonly choices: number;
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  /** Set when the answer must be JSON. */
  readonly answerSchema: JsonObject | undefined;
  readonly instructions: Instructions | undefined;
}

export interface Conversation {
  /** Tokens of all texts in the messages; images, audio and tool definitions count nothing. */
  readonly promptTokens: number;
  readonly lastUserText: string;
  /** Set when the last message is a tool's result. */
  readonly toolResult: string | undefined;
}

export interface Tool {
  readonly name: string;
  readonly parameters: JsonObject;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** Throws `OpenAiError` 400 that names the field at fault. */
export function parseChatRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw invalidRequest(`The body must be a JSON object, not ${describe(body)}.`);
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw invalidRequest(`model must be a string, not ${describe(model)}.`, 'model');
  const stream = optionalFlag(body, 'stream', false);
  const tools = parseTools(body['tools']);
  checkNumber(body, 'temperature', 0, 2);
  checkNumber(body, 'top_p', 0, 1);
  return {
    model,
    conversation: parseConversation(body['messages']),
    stream,
    includeUsage: parseIncludeUsage(body['stream_options'], stream),
    maxTokens: Math.min(optionalInteger(body, 'max_tokens', Infinity), optionalInteger(body, 'max_completion_tokens', Infinity)),
    choices: optionalInteger(body, 'n', MAX_CHOICES, 1),
    tools,
    toolChoice: parseToolChoice(body['tool_choice'], tools),
    parallelToolCalls: optionalFlag(body, 'parallel_tool_calls', true),
    answerSchema: parseResponseFormat(body['response_format']),
    instructions: body['sandbox'] === undefined ? undefined : parseInstructions(body['sandbox']),
  };
}

const MAX_CHOICES = 128;
const ROLES: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

function parseConversation(messages: unknown): Conversation {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidRequest(`messages must be a list with at least one message, not ${describe(messages)}.`, 'messages');
  }
  let promptTokens = 0;
  let lastUserText = '';
  let toolResult: string | undefined;
  for (let index = 0; index < messages.length; index += 1) {
    const message: unknown = messages[index];
    const where = `messages[${index}]`;
    if (!isObject(message)) throw invalidRequest(`${where} must be an object, not ${describe(message)}.`, where);
    if (!ROLES.has(message['role'])) throw invalidRequest(`${where}.role ${describe(message['role'])} is not a role.`, `${where}.role`);
    const text = textOf(message['content'], `${where}.content`);
    promptTokens += countTokens(text);
    toolResult = message['role'] === 'tool' ? text : undefined;
    if (message['role'] === 'user') lastUserText = text;
  }
  return { promptTokens, lastUserText, toolResult };
}

function textOf(content: unknown, where: string): string {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) throw invalidRequest(`${where} must be a string or a list of parts, not ${describe(content)}.`, where);
  const texts: string[] = [];
  content.forEach((part: unknown, index) => {
    if (!isObject(part) || typeof part['type'] !== 'string') {
      throw invalidRequest(`${where}[${index}] must be a part with a type.`, `${where}[${index}]`);
    }
    if (typeof part['text'] === 'string') texts.push(part['text']);
  });
  return texts.join(' ');
}

function parseTools(tools: unknown): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidRequest(`tools must be a list, not ${describe(tools)}.`, 'tools');
  return tools.map((tool: unknown, index) => {
    const made = isObject(tool) && tool['type'] === 'function' ? tool['function'] : undefined;
    if (!isObject(made) || typeof made['name'] !== 'string') {
      throw invalidRequest(`tools[${index}] must be {"type":"function","function":{"name":...}}.`, `tools[${index}]`);
    }
    return { name: made['name'], parameters: isObject(made['parameters']) ? made['parameters'] : {} };
  });
}

function parseToolChoice(choice: unknown, tools: readonly Tool[]): ToolChoice {
  if (choice === undefined || choice === null || choice === 'auto') return 'auto';
  if (choice === 'none' || choice === 'required') return choice;
  const name = isObject(choice) && isObject(choice['function']) ? choice['function']['name'] : undefined;
  if (typeof name === 'string' && tools.some((tool) => tool.name === name)) return { name };
  throw invalidRequest(`tool_choice ${describe(choice)} names no tool of this request.`, 'tool_choice');
}

function parseResponseFormat(format: unknown): JsonObject | undefined {
  if (format === undefined || format === null) return undefined;
  const { type, json_schema: wanted } = isObject(format) ? format : {};
  if (type === 'text') return undefined;
  if (type === 'json_object') return { type: 'object' };
  const schema = type === 'json_schema' && isObject(wanted) ? wanted['schema'] : undefined;
  if (isObject(schema)) return schema;
  throw invalidRequest('response_format must be text, json_object, or json_schema with a json_schema.schema.', 'response_format');
}

function parseIncludeUsage(options: unknown, stream: boolean): boolean {
  if (options === undefined || options === null) return false;
  if (!isObject(options)) throw invalidRequest(`stream_options must be an object, not ${describe(options)}.`, 'stream_options');
  if (!stream) throw invalidRequest('stream_options is only allowed with stream: true.', 'stream_options');
  return options['include_usage'] === true;
}

function optionalFlag(body: JsonObject, name: string, usual: boolean): boolean {
  const value = body[name] ?? usual;
  if (typeof value !== 'boolean') throw invalidRequest(`${name} must be true or false, not ${describe(value)}.`, name);
  return value;
}

function optionalInteger(body: JsonObject, name: string, max: number, usual: number = max): number {
  const value = body[name] ?? undefined;
  if (value === undefined) return usual;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  const range = max === Infinity ? 'an integer from 1' : `an integer from 1 to ${max}`;
  throw invalidRequest(`${name} must be ${range}, not ${describe(value)}.`, name);
}

function checkNumber(body: JsonObject, name: string, min: number, max: number): void {
  const value = body[name] ?? min;
  if (typeof value !== 'number' || value < min || value > max) {
    throw invalidRequest(`${name} must be a number from ${min} to ${max}, not ${describe(value)}.`, name);
  }
}
