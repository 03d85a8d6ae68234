import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { camelMembers } from './camel-case.ts';
import type { DroppedParams } from '../dropped-params.ts';
import { decodeSchema } from './decode-schema.ts';

export interface DecodedTools {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice | undefined;
}

/** `tools` and `toolConfig`. Google's own tools reach the provider as they came. Throws `invalid_request`. */
export function decodeTools(tools: unknown, toolConfig: JsonRecord | undefined, context: DroppedParams): DecodedTools {
  const all = decodeList(tools);
  const config = toolConfig === undefined ? undefined : camelMembers(toolConfig);
  for (const name of Object.keys(config ?? {})) if (name !== 'functionCallingConfig') context.refuse(`toolConfig.${name}`);
  const calling = recordAt(config, 'functionCallingConfig');
  return calling === undefined ? { tools: all, toolChoice: undefined } : narrow(all, camelMembers(calling), context);
}

function decodeList(tools: unknown): ToolDefinition[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidField('tools', 'must be an array of tools');
  return tools.flatMap((tool: unknown, index) => {
    if (!isRecord(tool)) throw invalidField(`tools[${index}]`, 'must be an object');
    const { functionDeclarations, ...builtIn } = camelMembers(tool);
    const declared = decodeDeclarations(functionDeclarations, `tools[${index}].functionDeclarations`);
    return Object.keys(builtIn).length === 0 ? declared : [...declared, { type: 'opaque', value: builtIn } as const];
  });
}

function decodeDeclarations(declarations: unknown, at: string): ToolDefinition[] {
  if (declarations === undefined || declarations === null) return [];
  if (!Array.isArray(declarations)) throw invalidField(at, 'must be an array of function declarations');
  return declarations.map((value: unknown, index) => {
    const declaration = isRecord(value) ? camelMembers(value) : {};
    const name = stringAt(declaration, 'name');
    if (name === undefined) throw invalidField(`${at}[${index}].name`, 'must be the name of the function');
    return {
      type: 'function',
      name,
      description: stringAt(declaration, 'description'),
      parameters: parametersOf(declaration, `${at}[${index}]`),
      strict: undefined,
      cacheControl: undefined,
    };
  });
}

/** JSON schema as it is, or Google's own dialect of it. */
function parametersOf(declaration: JsonRecord, at: string): JsonRecord | undefined {
  for (const field of ['parametersJsonSchema', 'parameters'] as const) {
    const schema = declaration[field];
    if (schema === undefined || schema === null) continue;
    if (!isRecord(schema)) throw invalidField(`${at}.${field}`, 'must be a schema object');
    return field === 'parameters' ? decodeSchema(schema) : schema;
  }
  return undefined;
}

/** Of several allowed functions only these are offered: other formats can name one, or any. */
function narrow(all: readonly ToolDefinition[], config: JsonRecord, context: DroppedParams): DecodedTools {
  if (config['streamFunctionCallArguments'] === true) context.refuse('toolConfig.functionCallingConfig.streamFunctionCallArguments');
  const allowed: unknown = config['allowedFunctionNames'];
  const names: readonly unknown[] = Array.isArray(allowed) ? allowed : [];
  const tools = names.length === 0 ? all : all.filter((tool) => tool.type === 'opaque' || names.includes(tool.name));
  return { tools, toolChoice: decodeMode(config['mode'], names) };
}

function decodeMode(mode: unknown, names: readonly unknown[]): ToolChoice | undefined {
  const [name] = names;
  switch (mode) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      return names.length === 1 && typeof name === 'string' ? { type: 'named', name } : { type: 'required' };
    case 'AUTO':
    case 'VALIDATED':
      return { type: 'auto' };
    case undefined:
    case 'MODE_UNSPECIFIED':
      return undefined;
    default:
      throw invalidField('toolConfig.functionCallingConfig.mode', 'must be "AUTO", "ANY", "NONE" or "VALIDATED"');
  }
}
