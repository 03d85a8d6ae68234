import type { Message } from '../conversation/message.ts';
import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import { recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { ANSWER_TOOL, ANSWER_TOOL_DESCRIPTION } from './answer-tool.ts';
import { cachePoint } from './encode-content.ts';
import { takesStrictTools, type ModelFamily } from './model-family.ts';

export interface EncodedTools {
  /** For `toolConfig`; undefined without tools. */
  readonly toolConfig: JsonRecord | undefined;
  /** For `additionalModelRequestFields`: what Converse has no words for. */
  readonly fields: JsonRecord;
}

export interface EncodeToolsOptions {
  readonly model: string;
  readonly family: ModelFamily;
  /** The answer's schema, when a forced tool call is the way to it. */
  readonly answerSchema: OutputFormat | undefined;
}

/**
 * `toolConfig`. There is no `none`: the tools are left out then. Calls in the history want their tools defined all the same, so those are
 * named, as tools of the past.
 */
export function encodeTools(request: ConversationRequest, { model, family, answerSchema }: EncodeToolsOptions): EncodedTools {
  const offered = request.toolChoice?.type === 'none' ? [] : request.tools;
  const own = offered.filter((tool) => !isClaudeTool(tool, family));
  const builtIn = offered.flatMap((tool) => (tool.type === 'opaque' && isClaudeTool(tool, family) ? [tool.value] : []));
  const tools = own.flatMap((tool) => encodeTool(tool, takesStrictTools(model)));
  if (offered.length === 0) tools.push(...pastTools(request.messages));
  if (answerSchema?.type === 'json-schema') tools.push(toolSpec(ANSWER_TOOL, ANSWER_TOOL_DESCRIPTION, answerSchema.schema));
  if (tools.length === 0 && builtIn.length === 0) return { toolConfig: undefined, fields: {} };
  const choice = answerSchema === undefined ? encodeChoice(request.toolChoice, own.length) : forcedChoice(offered.length);
  return {
    toolConfig: tools.length === 0 ? undefined : { tools, ...(choice === undefined ? {} : { toolChoice: choice }) },
    fields: { ...(builtIn.length === 0 ? {} : { tools: builtIn }), ...oneAtATime(request, choice, offered.length) },
  };
}

/** A tool that Anthropic defines itself (`bash_20250124`): Converse can't say it, Claude's own fields can. */
function isClaudeTool(tool: ToolDefinition, family: ModelFamily): boolean {
  return tool.type === 'opaque' && family === 'claude' && stringAt(tool.value, 'type') !== undefined;
}

function encodeTool(tool: ToolDefinition, takesStrict: boolean): JsonRecord[] {
  if (tool.type === 'opaque') return [tool.value];
  const spec = toolSpec(tool.name, tool.description, tool.parameters, takesStrict && tool.strict === true);
  return [spec, ...cachePoint(tool.cacheControl)];
}

function toolSpec(name: string, description: string | undefined, schema: JsonRecord | undefined, strict = false): JsonRecord {
  const spec: Record<string, unknown> = { name };
  if (description !== undefined && description !== '') spec['description'] = description;
  // the schema must name its type; OpenAI lets it be absent
  spec['inputSchema'] = { json: schema === undefined ? { type: 'object', properties: {} } : { type: 'object', ...schema } };
  if (strict) spec['strict'] = true;
  return { toolSpec: spec };
}

function pastTools(messages: readonly Message[]): JsonRecord[] {
  const names = new Set(messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls.map((call) => call.name) : [])));
  return [...names].map((name) => toolSpec(name, 'Was called earlier in this conversation. It can not be called any more.', undefined));
}

/** Beside tools of the client the model is free to call one of those first. */
function forcedChoice(offered: number): JsonRecord {
  return offered > 0 ? { any: {} } : { tool: { name: ANSWER_TOOL } };
}

function encodeChoice(choice: ToolChoice | undefined, own: number): JsonRecord | undefined {
  if (choice === undefined || own === 0 || choice.type === 'none') return undefined;
  if (choice.type === 'named') return { tool: { name: choice.name } };
  return choice.type === 'required' ? { any: {} } : { auto: {} };
}

/** Claude's own way, beside the choice in Converse's words; the other families refuse the parameter. */
function oneAtATime(request: ConversationRequest, choice: JsonRecord | undefined, offered: number): JsonRecord {
  if (request.parallelToolCalls !== false || offered === 0) return {};
  const named = recordAt(choice, 'tool');
  const type = named === undefined ? (Object.keys(choice ?? {})[0] ?? 'auto') : 'tool';
  return { tool_choice: { type, ...named, disable_parallel_tool_use: true } };
}
