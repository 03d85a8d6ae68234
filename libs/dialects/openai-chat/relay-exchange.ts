import type { Exchange, ExchangeInput } from '../exchange.ts';
import { mapError } from './map-error.ts';
import { relayRequest } from './relay-request.ts';
import { relayResponse } from './relay-response.ts';
import { openRelayStream } from './relay-stream.ts';
import { requestHeaders } from './request-headers.ts';

/** OpenAI chat on both sides: bytes pass through. */
export function openRelayExchange(input: ExchangeInput): Exchange {
  const { body, hidesUsage, choices, dropped } = relayRequest(input);
  const nowMs = input.createdAt * 1_000;
  return {
    path: '/chat/completions',
    headers: requestHeaders(input.clientHeaders),
    body,
    dropped,
    decodeAnswer: (answer) => relayResponse(answer, nowMs),
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream({ hidesUsage, choices, nowMs }),
  };
}
