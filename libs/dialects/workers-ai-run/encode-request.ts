import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { encodeRequest as encodeOpenaiRequest } from '../openai-chat/encode-request.ts';
import { refuseFiles } from '../openai-chat/refuse-files.ts';

/**
 * A conversation as the input of a text generation model: OpenAI's messages, the schema without a wrapper
 * (https://developers.cloudflare.com/workers-ai/features/json-mode/). Unknown fields of the client (`lora`, `repetition_penalty`) are
 * members of it. Throws `GatewayError` `unsupported_parameter`, and `invalid_request` for documents.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const {
    model: _path,
    response_format: _format,
    ...body
  } = encodeOpenaiRequest(onlyNamedTool(request), {
    ...options,
    quirks: quirksOf(options.quirks),
  });
  refuseFiles(body['messages']);
  return { ...body, messages: withContent(body['messages']), ...encodeFormat(request) };
}

/** There is no choice of one tool by name: the list is cut to it and a call is required. */
function onlyNamedTool(request: ConversationRequest): ConversationRequest {
  const { toolChoice, tools } = request;
  if (toolChoice?.type !== 'named') return request;
  const named = tools.filter((tool) => tool.type === 'function' && tool.name === toolChoice.name);
  return { ...request, tools: named, toolChoice: { type: 'required' } };
}

function encodeFormat({ outputFormat }: ConversationRequest): JsonRecord {
  if (outputFormat === undefined) return {};
  if (outputFormat.type === 'json') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: outputFormat.schema } };
}

/** Content must not be null. */
function withContent(messages: unknown): unknown[] {
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [];
  return list.map((message) => (isRecord(message) && message['content'] === null ? { ...message, content: '' } : message));
}

function quirksOf(quirks: DialectQuirks): DialectQuirks {
  return {
    ...quirks,
    maxTokensField: 'max_tokens',
    streamUsage: false,
    strictTools: false,
    requiresToolResultName: true,
    unsupportedParams: [...(quirks.unsupportedParams ?? []), 'user'],
  };
}
