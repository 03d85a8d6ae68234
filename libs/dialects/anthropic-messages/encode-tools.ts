import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import type { JsonRecord } from '../json/record.ts';
import { withCacheControl } from './encode-content.ts';

/** `tools` and `tool_choice`; nothing when the request has no tools, as a choice alone is refused. */
export function encodeTools(request: ConversationRequest): JsonRecord {
  if (request.tools.length === 0) return {};
  const choice = encodeToolChoice(request.toolChoice, request.parallelToolCalls);
  return { tools: request.tools.map(encodeTool), ...(choice === undefined ? {} : { tool_choice: choice }) };
}

function encodeTool(tool: ToolDefinition): JsonRecord {
  if (tool.type === 'opaque') return tool.value;
  const encoded: Record<string, unknown> = { name: tool.name };
  if (tool.description !== undefined) encoded['description'] = tool.description;
  // the schema must name its type; OpenAI lets it be absent
  encoded['input_schema'] = tool.parameters === undefined ? { type: 'object', properties: {} } : { type: 'object', ...tool.parameters };
  if (tool.strict === true) encoded['strict'] = true;
  return withCacheControl(encoded, tool.cacheControl);
}

function encodeToolChoice(choice: ToolChoice | undefined, parallel: boolean | undefined): JsonRecord | undefined {
  if (choice?.type === 'none') return { type: 'none' };
  const oneAtATime = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === undefined) return parallel === false ? { type: 'auto', ...oneAtATime } : undefined;
  if (choice.type === 'named') return { type: 'tool', name: choice.name, ...oneAtATime };
  return { type: choice.type === 'required' ? 'any' : 'auto', ...oneAtATime };
}
