import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';

export interface DecodedTools {
  readonly tools: ToolDefinition[];
  /** Names of tool settings that only Claude's hosts know, and that only advise. */
  readonly advice: readonly string[];
}

/** Settings of a custom tool that change how Claude is offered it or streams its input, not what the tool is. */
const ADVICE: readonly string[] = ['defer_loading', 'eager_input_streaming', 'input_examples', 'allowed_callers'];

/** Custom tools as functions; server tools (`web_search_…`) reach the provider as they came. Throws `invalid_request`. */
export function decodeTools(tools: unknown): DecodedTools {
  if (tools === undefined || tools === null) return { tools: [], advice: [] };
  if (!Array.isArray(tools)) throw invalidField('tools', 'must be an array of tools');
  const list: readonly unknown[] = tools;
  const advice = ADVICE.filter((member) =>
    list.some((tool) => isRecord(tool) && isCustom(tool) && tool[member] !== undefined && tool[member] !== null),
  );
  return { tools: list.map((tool, index) => decodeTool(tool, `tools[${index}]`)), advice: advice.map((member) => `tools.${member}`) };
}

function isCustom(tool: JsonRecord): boolean {
  return tool['type'] === undefined || tool['type'] === null || tool['type'] === 'custom';
}

function decodeTool(tool: unknown, at: string): ToolDefinition {
  if (!isRecord(tool)) throw invalidField(at, 'must be an object');
  if (!isCustom(tool)) return { type: 'opaque', value: tool };
  const name = stringAt(tool, 'name');
  if (name === undefined) throw invalidField(`${at}.name`, 'must be the name of the tool');
  const schema = tool['input_schema'];
  if (schema !== undefined && schema !== null && !isRecord(schema))
    throw invalidField(`${at}.input_schema`, 'must be a JSON schema object');
  return {
    type: 'function',
    name,
    description: stringAt(tool, 'description'),
    parameters: recordAt(tool, 'input_schema'),
    strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
    cacheControl: recordAt(tool, 'cache_control'),
  };
}

export interface DecodedToolChoice {
  readonly toolChoice: ToolChoice | undefined;
  readonly parallelToolCalls: boolean | undefined;
}

const CHOICES: Readonly<Record<string, ToolChoice>> = { auto: { type: 'auto' }, any: { type: 'required' }, none: { type: 'none' } };

export function decodeToolChoice(choice: unknown): DecodedToolChoice {
  if (choice === undefined || choice === null) return { toolChoice: undefined, parallelToolCalls: undefined };
  if (!isRecord(choice)) throw invalidField('tool_choice', 'must be an object with the type "auto", "any", "tool" or "none"');
  // asking for parallel calls asks for what every provider does anyway
  const parallelToolCalls = choice['disable_parallel_tool_use'] === true ? false : undefined;
  const type = choice['type'];
  const simple = typeof type === 'string' && Object.hasOwn(CHOICES, type) ? CHOICES[type] : undefined;
  if (simple !== undefined) return { toolChoice: simple, parallelToolCalls };
  if (type !== 'tool') throw invalidField('tool_choice.type', 'must be "auto", "any", "tool" or "none"');
  const name = stringAt(choice, 'name');
  if (name === undefined) throw invalidField('tool_choice.name', 'must be the name of a tool in tools');
  return { toolChoice: { type: 'named', name }, parallelToolCalls };
}
