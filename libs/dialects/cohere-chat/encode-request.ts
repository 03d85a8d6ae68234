import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolChoice, ToolDefinition } from '../conversation/tool.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodeMessages } from './encode-messages.ts';

/** A model that thinks takes a budget, no effort: a quarter, a half and all of what is usual there. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 512, low: 1_024, medium: 4_096, high: 16_384, xhigh: 24_576, max: 31_000 };

/**
 * A conversation as a chat request (https://docs.cohere.com/reference/chat). Unknown fields of the client are members of it, so
 * `documents`, `safety_mode` or `citation_options` reach the provider as written. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  return {
    ...request.extra,
    model: options.upstreamModel,
    messages: encodeMessages(request),
    ...encodeTools(request, options),
    ...encodeSampling(request),
    ...(request.stop.length === 0 ? {} : { stop_sequences: request.stop }),
    ...encodeOutputFormat(request),
    ...encodeThinking(request, options),
    // the endpoint streams by this field alone
    stream: request.stream,
  };
}

function encodeSampling(request: ConversationRequest): JsonRecord {
  const fields: readonly (readonly [string, number | undefined])[] = [
    ['max_tokens', request.maxOutputTokens],
    ['temperature', request.temperature],
    ['p', request.topP],
    ['k', request.topK],
    ['seed', request.seed],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function encodeOutputFormat({ outputFormat }: ConversationRequest): JsonRecord {
  if (outputFormat === undefined) return {};
  const schema = outputFormat.type === 'json-schema' ? { json_schema: outputFormat.schema } : {};
  return { response_format: { type: 'json_object', ...schema } };
}

function encodeThinking(request: ConversationRequest, { dropParams }: EncodeRequestOptions): JsonRecord {
  const { reasoningEffort: effort, reasoningBudget: budget } = request;
  if (request.extra['thinking'] !== undefined) return {};
  if (budget !== undefined) return { thinking: { type: 'enabled', token_budget: budget } };
  if (effort === undefined) return {};
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  const tokens = BUDGETS[effort];
  if (tokens === undefined && !dropParams) throw unsupportedParameter('reasoning_effort');
  return tokens === undefined ? {} : { thinking: { type: 'enabled', token_budget: tokens } };
}

/** There is no choice of one tool by name: the list is cut to it and a call is required. */
function encodeTools(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const { toolChoice } = request;
  const offered = toolChoice?.type === 'named' ? request.tools.filter((tool) => isNamed(tool, toolChoice.name)) : request.tools;
  if (offered.length === 0) return {};
  const choice = encodeToolChoice(toolChoice);
  const strict = offered.some((tool) => tool.type === 'function' && tool.strict === true) ? { strict_tools: true } : {};
  return {
    tools: offered.flatMap((tool) => encodeTool(tool, options)),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...strict,
  };
}

function isNamed(tool: ToolDefinition, name: string): boolean {
  return tool.type === 'function' && tool.name === name;
}

function encodeTool(tool: ToolDefinition, { dropParams }: EncodeRequestOptions): JsonRecord[] {
  if (tool.type === 'opaque') {
    if (dropParams) return [];
    throw unsupportedParameter('tools');
  }
  const { name, description } = tool;
  const parameters = tool.parameters ?? { type: 'object', properties: {} };
  return [{ type: 'function', function: { name, ...(description === undefined ? {} : { description }), parameters } }];
}

function encodeToolChoice(choice: ToolChoice | undefined): 'REQUIRED' | 'NONE' | undefined {
  if (choice === undefined || choice.type === 'auto') return undefined;
  return choice.type === 'none' ? 'NONE' : 'REQUIRED';
}
