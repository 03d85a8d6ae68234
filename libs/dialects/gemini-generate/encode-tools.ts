import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import type { JsonRecord } from '../json/record.ts';

type FunctionTool = Extract<ToolDefinition, { type: 'function' }>;

/** `tools`, and `toolConfig` where there are functions to choose from. */
export function encodeTools(request: ConversationRequest): JsonRecord {
  if (request.tools.length === 0) return {};
  const functions = request.tools.filter((tool) => tool.type === 'function');
  const builtIn = request.tools.filter((tool) => tool.type === 'opaque').map((tool) => encodeBuiltIn(tool.value));
  const declared = functions.length === 0 ? [] : [{ functionDeclarations: functions.map(encodeFunction) }];
  const config = functions.length === 0 ? undefined : encodeToolChoice(request.toolChoice, functions);
  return {
    tools: [...declared, ...builtIn],
    ...(config === undefined ? {} : { toolConfig: { functionCallingConfig: config } }),
  };
}

/** `parametersJsonSchema` takes JSON schema as it is; `parameters` would take Google's own subset of OpenAPI. */
function encodeFunction(tool: FunctionTool): JsonRecord {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(tool.parameters === undefined ? {} : { parametersJsonSchema: tool.parameters }),
  };
}

/** Google's own tools are named by a member (`{"googleSearch":{}}`); clients that must give a type write it as one. */
function encodeBuiltIn(tool: JsonRecord): JsonRecord {
  const { type, ...members } = tool;
  if (typeof type !== 'string') return tool;
  const name = type.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return name in members || type in members ? members : { [name]: members };
}

/** VALIDATED is AUTO with calls that keep to their schema: what `strict` asks for. */
function encodeToolChoice(choice: ToolChoice | undefined, functions: readonly FunctionTool[]): JsonRecord | undefined {
  const isStrict = functions.some((tool) => tool.strict === true);
  switch (choice?.type) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'named':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'auto':
      return { mode: isStrict ? 'VALIDATED' : 'AUTO' };
    case undefined:
      return isStrict ? { mode: 'VALIDATED' } : undefined;
  }
}
