import type { Exchange, ExchangeInput } from '../exchange.ts';
import { hostedHeaders } from './hosted-request.ts';
import { type AnthropicHosting, DIRECT_HOSTING } from './hosting.ts';
import { relayRequest } from './relay-request.ts';
import { relayResponse } from './relay-response.ts';
import { openRelayStream } from './relay-stream.ts';

/** Anthropic's format on both sides, with Claude on one kind of host: bytes pass through. */
export function openAnthropicRelay(input: ExchangeInput, hosting: AnthropicHosting): Exchange {
  const { body, dropped } = relayRequest(input, hosting);
  const nowMs = input.createdAt * 1_000;
  return {
    path: hosting.path({ model: input.upstreamModel, stream: input.stream }),
    headers: hostedHeaders(hosting, input.clientHeaders, input.clientHeaders['anthropic-version']),
    body,
    dropped,
    decodeAnswer: (answer) => relayResponse(answer, nowMs, hosting.mapError),
    decodeError: (status, headers, answer) => hosting.mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream({ hosting, nowMs }),
  };
}

export function openRelayExchange(input: ExchangeInput): Exchange {
  return openAnthropicRelay(input, DIRECT_HOSTING);
}
