import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodePrompt } from './encode-prompt.ts';
import { readModel } from './read-model.ts';

/**
 * A conversation as the input of a language model, in the words of the official ones
 * (https://replicate.com/meta/meta-llama-3-70b-instruct/api/schema). Unknown fields of the client (`prompt_template`, `min_tokens`) are
 * members of it. Throws `GatewayError`: `unsupported_parameter` for tools, `invalid_request` for files.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  refuseTools(request, options);
  const { version } = readModel(options.upstreamModel);
  return { ...(version === undefined ? {} : { version }), input: encodeInput(request) };
}

function encodeInput(request: ConversationRequest): JsonRecord {
  const system = request.system.map((part) => part.text).join('\n\n');
  const fields: readonly (readonly [string, unknown])[] = [
    ['prompt', encodePrompt(request.messages)],
    ['system_prompt', system === '' ? undefined : system],
    ['max_tokens', request.maxOutputTokens],
    ['temperature', request.temperature],
    ['top_p', request.topP],
    ['top_k', request.topK],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
    ['seed', request.seed],
    // one text with commas in between
    ['stop_sequences', request.stop.length === 0 ? undefined : request.stop.join(',')],
  ];
  return { ...request.extra, ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)) };
}

function refuseTools({ tools, toolChoice }: ConversationRequest, { dropParams, onDrop }: EncodeRequestOptions): void {
  if (tools.length === 0 || toolChoice?.type === 'none') return;
  if (!dropParams) throw unsupportedParameter('tools');
  onDrop?.('tools');
}
