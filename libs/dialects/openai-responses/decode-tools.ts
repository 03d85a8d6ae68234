import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';

export interface DecodedTools {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice | undefined;
}

/**
 * `tools` and `tool_choice`. Tools that OpenAI runs itself (`web_search`, `file_search`, `mcp` …) and custom tools are no other
 * provider's: `onForeign` is called with the name of each, and throws or takes note. Throws `GatewayError` `invalid_request`.
 */
export function decodeTools(body: JsonRecord, onForeign: (param: string) => void): DecodedTools {
  const list = body['tools'] ?? [];
  if (!Array.isArray(list)) throw invalidField('tools', 'must be an array of tools');
  const tools = list.flatMap((tool: unknown, index) => decodeTool(tool, `tools[${index}]`, onForeign));
  const choice = body['tool_choice'];
  if (isRecord(choice) && choice['type'] === 'allowed_tools') return decodeAllowed(choice, tools);
  const toolChoice = decodeToolChoice(choice);
  return { tools, toolChoice: tools.length === 0 ? undefined : toolChoice };
}

function decodeTool(tool: unknown, at: string, onForeign: (param: string) => void): ToolDefinition[] {
  if (!isRecord(tool)) throw invalidField(at, 'must be an object');
  if (tool['type'] !== 'function') {
    onForeign(`${at}.${String(tool['type'])}`);
    return [];
  }
  const name = stringAt(tool, 'name');
  if (name === undefined) throw invalidField(`${at}.name`, 'must be the name of the function');
  const parameters = tool['parameters'];
  if (parameters !== undefined && parameters !== null && !isRecord(parameters)) {
    throw invalidField(`${at}.parameters`, 'must be a JSON schema object');
  }
  return [
    {
      type: 'function',
      name,
      description: stringAt(tool, 'description'),
      parameters: recordAt(tool, 'parameters'),
      strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
      cacheControl: undefined,
    },
  ];
}

function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isRecord(choice)) throw invalidField('tool_choice', 'must be "auto", "none", "required" or a named function');
  if (choice['type'] !== 'function') throw unsupportedParameter('tool_choice');
  const name = stringAt(choice, 'name') ?? stringAt(recordAt(choice, 'function') ?? {}, 'name');
  if (name === undefined) throw invalidField('tool_choice.name', 'must be the name of a function in tools');
  return { type: 'named', name };
}

/** A choice among some of the tools: the others are not shown to the model. */
function decodeAllowed(choice: JsonRecord, tools: readonly ToolDefinition[]): DecodedTools {
  const allowed = choice['tools'];
  if (!Array.isArray(allowed)) throw invalidField('tool_choice.tools', 'must be an array of tools');
  const names = new Set(allowed.map((tool: unknown) => (isRecord(tool) ? tool['name'] : undefined)));
  const shown = tools.filter((tool) => tool.type === 'function' && names.has(tool.name));
  return { tools: shown, toolChoice: { type: choice['mode'] === 'required' ? 'required' : 'auto' } };
}
