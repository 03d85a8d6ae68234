import type { Exchange, ExchangeInput } from '../exchange.ts';
import { viewObject } from '../json/splice-members.ts';
import { mapError } from '../openai-chat/map-error.ts';
import { openaiChatProvider } from '../openai-chat/provider-codec.ts';
import { relayRequest } from '../openai-chat/relay-request.ts';
import { relayResponse } from '../openai-chat/relay-response.ts';
import { openRelayStream } from '../openai-chat/relay-stream.ts';
import { requestHeaders } from '../openai-chat/request-headers.ts';
import { openTranslatedExchange } from '../translate-exchange.ts';
import { openaiCompletionsClient } from './codec.ts';

/**
 * Completions for a host that speaks OpenAI's chat format: one that has the old endpoint too gets the client's bytes there
 * (its answers have the same frame: choices with a finish reason, usage, `[DONE]`), any other gets a chat.
 */
export function openCompletions(input: ExchangeInput): Exchange {
  if (input.quirks.completions !== true) return openTranslatedExchange(input, openaiCompletionsClient, openaiChatProvider);
  // the old endpoint knows one token limit, and nothing of what chats and tools brought
  const { streamUsage, unsupportedParams } = input.quirks;
  const relayed = relayRequest({ ...input, quirks: { streamUsage, unsupportedParams, maxTokensField: 'max_tokens' } });
  const nowMs = input.createdAt * 1_000;
  const choices = relayed.choices * countPrompts(input.body);
  return {
    path: '/completions',
    headers: requestHeaders(input.clientHeaders),
    body: relayed.body,
    dropped: relayed.dropped,
    decodeAnswer: (answer) => relayResponse(answer, nowMs),
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream({ hidesUsage: relayed.hidesUsage, choices, nowMs }),
  };
}

/** A list of texts or of token lists is a prompt each; a list of numbers is one. */
function countPrompts(body: Uint8Array): number {
  const prompt = viewObject(body).value('prompt');
  return Array.isArray(prompt) && prompt.length > 0 && typeof prompt[0] !== 'number' ? prompt.length : 1;
}
