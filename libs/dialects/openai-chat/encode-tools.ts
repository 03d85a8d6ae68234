import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';
import { cacheMark } from './encode-content.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

const NO_PARAMETERS: JsonRecord = { type: 'object', properties: {} };

/** `tools` and what is only allowed beside them. Throws `unsupported_parameter` for another provider's own tools. */
export function encodeTools(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const tools = request.tools.flatMap((tool, index) => encodeTool(tool, `tools[${index}]`, options));
  if (tools.length === 0) return {};
  return {
    tools,
    ...(request.toolChoice === undefined ? {} : { tool_choice: encodeToolChoice(request.toolChoice) }),
    ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
}

function encodeTool(tool: ToolDefinition, at: string, options: EncodeRequestOptions): JsonRecord[] {
  if (tool.type === 'opaque') {
    if (!options.dropParams) throw unsupportedParameter(at, 'It is a tool of another provider.');
    options.onDrop?.(at);
    return [];
  }
  const { name, description, parameters = NO_PARAMETERS } = tool;
  const described = description === undefined ? {} : { description };
  return [
    {
      type: 'function',
      function: { name, ...described, parameters, ...strictness(tool.strict, options.quirks) },
      ...cacheMark(tool, options.quirks),
    },
  ];
}

/** `strict` where the host takes it. */
export function strictness(strict: boolean | undefined, quirks: DialectQuirks): JsonRecord {
  return strict === undefined || quirks.strictTools === false ? {} : { strict };
}

function encodeToolChoice(choice: ToolChoice): unknown {
  return choice.type === 'named' ? { type: 'function', function: { name: choice.name } } : choice.type;
}
