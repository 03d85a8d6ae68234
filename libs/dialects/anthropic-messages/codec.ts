import type { ConversationRequest } from '../conversation/request.ts';
import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { hostedHeaders, hostedMembers } from './hosted-request.ts';
import { type AnthropicHosting, DIRECT_HOSTING } from './hosting.ts';
import { abilitiesOf } from './model-generation.ts';

/** Translations to Claude on one kind of host. */
export function anthropicProvider(hosting: AnthropicHosting): ProviderCodec {
  return {
    path: hosting.path,
    openFraming: hosting.openFraming,
    cannot: ['frequencyPenalty', 'presencePenalty', 'seed'],
    takesMediaUrls: hosting.takesMediaUrls,
    takesPrefill,
    headers: (clientHeaders) => hostedHeaders(hosting, clientHeaders),
    encodeRequest: (request, options) => {
      const body: Record<string, unknown> = { ...encodeRequest(request, options) };
      const call = { model: options.upstreamModel, stream: request.stream };
      for (const [member, value] of hostedMembers(hosting, call, options.clientHeaders ?? {})) body[member] = value;
      return body;
    },
    decodeResponse: (body) => decodeResponse(body, hosting.mapError),
    createStreamDecoder: () => createStreamDecoder(hosting.mapError),
    mapError: hosting.mapError,
  };
}

/** Not beside thinking: https://docs.claude.com/en/docs/build-with-claude/extended-thinking */
export function takesPrefill(model: string, request: ConversationRequest): boolean {
  const thinks = request.thinking !== undefined || request.reasoningEffort !== undefined || request.reasoningBudget !== undefined;
  return !thinks && abilitiesOf(model).prefill;
}

export const anthropicMessagesProvider = anthropicProvider(DIRECT_HOSTING);
