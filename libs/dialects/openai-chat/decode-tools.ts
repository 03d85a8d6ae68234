import { unpackToolCallId } from '../conversation/signature.ts';
import type { ToolCall, ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { isRecord, parseRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { cacheControlOf } from './decode-content.ts';
import { invalidField } from './invalid-field.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

export function decodeTools(tools: unknown): ToolDefinition[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidField('tools', 'must be an array of tools');
  return tools.map((tool: unknown, index) => decodeTool(tool, `tools[${index}]`));
}

function decodeTool(tool: unknown, at: string): ToolDefinition {
  if (!isRecord(tool)) throw invalidField(at, 'must be an object');
  if (tool['type'] !== 'function') return { type: 'opaque', value: tool };
  const called = recordAt(tool, 'function');
  const name = called === undefined ? undefined : stringAt(called, 'name');
  if (called === undefined || name === undefined) throw invalidField(`${at}.function.name`, 'must be the name of the function');
  const parameters = called['parameters'];
  if (parameters !== undefined && parameters !== null && !isRecord(parameters)) {
    throw invalidField(`${at}.function.parameters`, 'must be a JSON schema object');
  }
  return {
    type: 'function',
    name,
    description: stringAt(called, 'description'),
    parameters: recordAt(called, 'parameters'),
    strict: typeof called['strict'] === 'boolean' ? called['strict'] : undefined,
    cacheControl: cacheControlOf(tool) ?? cacheControlOf(called),
  };
}

export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  // LiteLLM clients also write it the way Anthropic does
  if (choice === 'any') return { type: 'required' };
  if (!isRecord(choice)) throw invalidField('tool_choice', 'must be "auto", "none", "required" or a named function');
  const name = choice['type'] === 'function' ? recordAt(choice, 'function')?.['name'] : choice['name'];
  if (choice['type'] === 'function' || choice['type'] === 'tool') {
    if (typeof name !== 'string' || name === '') throw invalidField('tool_choice.function.name', 'must be the name of a function in tools');
    return { type: 'named', name };
  }
  if (choice['type'] === 'any') return { type: 'required' };
  if (choice['type'] === 'auto' || choice['type'] === 'none') return { type: choice['type'] };
  throw unsupportedParameter('tool_choice');
}

export function decodeToolCalls(calls: unknown, at: string): ToolCall[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw invalidField(at, 'must be an array of tool calls');
  return calls.map((call: unknown, index) => decodeToolCall(call, `${at}[${index}]`));
}

function decodeToolCall(call: unknown, at: string): ToolCall {
  if (!isRecord(call)) throw invalidField(at, 'must be an object');
  const called = recordAt(call, 'function');
  if (called === undefined) throw invalidField(`${at}.function`, 'must be an object');
  const id = stringAt(call, 'id');
  const name = stringAt(called, 'name');
  if (id === undefined) throw invalidField(`${at}.id`, 'must be a string');
  if (name === undefined) throw invalidField(`${at}.function.name`, 'must be a string');
  return { ...unpackToolCallId(id), name, argumentsText: decodeArguments(called, `${at}.function.arguments`) };
}

function decodeArguments(called: JsonRecord, at: string): string {
  const text = called['arguments'] ?? '';
  if (text === '') return '{}';
  if (typeof text !== 'string' || parseRecord(text) === undefined) throw invalidField(at, 'must be the JSON text of an object');
  return text;
}
