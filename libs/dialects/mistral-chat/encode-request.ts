import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';
import { encodeRequest as encodeOpenaiRequest } from '../openai-chat/encode-request.ts';
import { adaptMessages } from './adapt-messages.ts';
import { encodeEffort, thinks } from './reasoning.ts';
import { withThinking } from './with-thinking.ts';

/**
 * A conversation as a chat request. The API refuses fields it does not know (422 `extra_forbidden`), so what is OpenAI's alone
 * (`stream_options`, `user`, `max_completion_tokens`) is not sent; the client's own unknown fields (`safe_prompt`, `prompt_mode`,
 * `document_page_limit`) are. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const { upstreamModel: model } = options;
  const told = thinks(request, model) ? withThinking(request) : request;
  const { reasoning_effort: _theirs, ...body } = encodeOpenaiRequest(told, { ...options, quirks: quirksOf(options.quirks) });
  return {
    ...body,
    messages: adaptMessages(body['messages']),
    ...(body['tool_choice'] === 'required' ? { tool_choice: 'any' } : {}),
    ...encodeEffort(request, model),
  };
}

function quirksOf(quirks: DialectQuirks): DialectQuirks {
  return {
    ...quirks,
    maxTokensField: 'max_tokens',
    streamUsage: false,
    requiresToolResultName: true,
    renamedParams: { seed: 'random_seed', ...quirks.renamedParams },
    unsupportedParams: [...(quirks.unsupportedParams ?? []), 'user'],
  };
}
