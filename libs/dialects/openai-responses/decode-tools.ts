import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { flatName } from './function-namespaces.ts';

export interface DecodedTools {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice | undefined;
}

/**
 * `tools` and `tool_choice`; functions of a namespace get flat names. Tools that OpenAI runs itself (`web_search`, `file_search`,
 * `mcp` …) and custom tools are no other provider's: `onForeign` is called with the name of each, and throws or takes note; `onAdvice`
 * with what agents offer to every model. Throws `GatewayError` `invalid_request`.
 */
export function decodeTools(body: JsonRecord, onForeign: OnParam, onAdvice: OnParam): DecodedTools {
  const list: unknown = body['tools'] ?? [];
  if (!Array.isArray(list)) throw invalidField('tools', 'must be an array of tools');
  const isAgent = list.some(isFunctions);
  const onTool = (param: string): void => (isAgent && param.endsWith('.web_search') ? onAdvice(param) : onForeign(param));
  const tools = list.flatMap((tool: unknown, index) => decodeTool(tool, `tools[${index}]`, onTool));
  const choice = body['tool_choice'];
  if (isRecord(choice) && choice['type'] === 'allowed_tools') return decodeAllowed(choice, tools);
  const toolChoice = decodeToolChoice(choice);
  return { tools, toolChoice: tools.length === 0 ? undefined : toolChoice };
}

type OnParam = (param: string) => void;

/** Codex offers a web search beside its functions with every request; alone it is what the request asks for. */
function isFunctions(tool: unknown): boolean {
  return isRecord(tool) && (tool['type'] === 'function' || tool['type'] === 'namespace');
}

function decodeTool(tool: unknown, at: string, onForeign: OnParam, namespace?: string): ToolDefinition[] {
  if (!isRecord(tool)) throw invalidField(at, 'must be an object');
  if (tool['type'] === 'namespace' && namespace === undefined) return decodeNamespace(tool, at, onForeign);
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
      name: flatName({ name, namespace }),
      description: stringAt(tool, 'description'),
      parameters: recordAt(tool, 'parameters'),
      strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
      cacheControl: undefined,
    },
  ];
}

function decodeNamespace(space: JsonRecord, at: string, onForeign: OnParam): ToolDefinition[] {
  const name = stringAt(space, 'name');
  const tools: unknown = space['tools'];
  if (name === undefined) throw invalidField(`${at}.name`, 'must be the name of the namespace');
  if (!Array.isArray(tools)) throw invalidField(`${at}.tools`, 'must be an array of functions');
  return tools.flatMap((tool: unknown, index) => decodeTool(tool, `${at}.tools[${index}]`, onForeign, name));
}

function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isRecord(choice)) throw invalidField('tool_choice', 'must be "auto", "none", "required" or a named function');
  if (choice['type'] !== 'function') throw unsupportedParameter('tool_choice');
  const name = stringAt(choice, 'name') ?? stringAt(recordAt(choice, 'function') ?? {}, 'name');
  if (name === undefined) throw invalidField('tool_choice.name', 'must be the name of a function in tools');
  return { type: 'named', name: flatName({ name, namespace: stringAt(choice, 'namespace') }) };
}

/** A choice among some of the tools: the others are not shown to the model. */
function decodeAllowed(choice: JsonRecord, tools: readonly ToolDefinition[]): DecodedTools {
  const allowed = choice['tools'];
  if (!Array.isArray(allowed)) throw invalidField('tool_choice.tools', 'must be an array of tools');
  const names = new Set(allowed.map((tool: unknown) => (isRecord(tool) ? tool['name'] : undefined)));
  const shown = tools.filter((tool) => tool.type === 'function' && names.has(tool.name));
  return { tools: shown, toolChoice: { type: choice['mode'] === 'required' ? 'required' : 'auto' } };
}
