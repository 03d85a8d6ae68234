import type { ConversationRequest } from '../conversation/request.ts';
import type { ToolDefinition } from '../conversation/tool.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodeMessages } from './encode-messages.ts';

/** `think` is on, off, or a level for models that have levels (gpt-oss). */
const LEVELS: ReadonlySet<string> = new Set(['low', 'medium', 'high']);

/**
 * A conversation as a chat request. Unknown fields of the client are members of it (`keep_alive`, `options`), and members of
 * `options` go before our own. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const modelOptions = { ...encodeOptions(request), ...recordAt(request.extra, 'options') };
  return {
    ...request.extra,
    model: options.upstreamModel,
    messages: encodeMessages(request),
    ...encodeTools(request, options),
    ...encodeFormat(request),
    ...encodeThink(request),
    ...(Object.keys(modelOptions).length === 0 ? {} : { options: modelOptions }),
    // the server streams unless it is told not to
    stream: request.stream,
  };
}

function encodeOptions(request: ConversationRequest): JsonRecord {
  const fields: readonly (readonly [string, unknown])[] = [
    ['num_predict', request.maxOutputTokens],
    ['temperature', request.temperature],
    ['top_p', request.topP],
    ['top_k', request.topK],
    ['seed', request.seed],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
    ['stop', request.stop.length === 0 ? undefined : request.stop],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function encodeFormat({ outputFormat }: ConversationRequest): JsonRecord {
  if (outputFormat === undefined) return {};
  return { format: outputFormat.type === 'json' ? 'json' : outputFormat.schema };
}

/** A budget can't be given: it turns thinking on. */
function encodeThink({ reasoningEffort: effort, reasoningBudget: budget, extra }: ConversationRequest): JsonRecord {
  if (extra['think'] !== undefined) return {};
  if (effort === undefined) return budget === undefined ? {} : { think: budget > 0 };
  if (effort === 'none') return { think: false };
  return { think: LEVELS.has(effort) ? effort : true };
}

/**
 * There is no choice of tools: `none` sends no tools, one by name sends that tool, and `required` can't be asked for
 * (https://github.com/ollama/ollama/issues/8421).
 */
function encodeTools(request: ConversationRequest, { dropParams }: EncodeRequestOptions): JsonRecord {
  const { toolChoice, tools } = request;
  if (toolChoice?.type === 'none' || tools.length === 0) return {};
  if (toolChoice?.type === 'required' && !dropParams) throw unsupportedParameter('tool_choice');
  const offered = toolChoice?.type === 'named' ? tools.filter((tool) => tool.type === 'function' && tool.name === toolChoice.name) : tools;
  return { tools: offered.flatMap((tool) => encodeTool(tool, dropParams)) };
}

function encodeTool(tool: ToolDefinition, dropParams: boolean): JsonRecord[] {
  if (tool.type === 'opaque') {
    if (dropParams) return [];
    throw unsupportedParameter('tools');
  }
  const { name, description } = tool;
  const parameters = tool.parameters ?? { type: 'object', properties: {} };
  return [{ type: 'function', function: { name, description: description ?? '', parameters } }];
}
