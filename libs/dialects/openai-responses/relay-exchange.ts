import type { Exchange, ExchangeInput } from '../exchange.ts';
import { requestHeaders } from '../openai-chat/request-headers.ts';
import { mapError } from './map-error.ts';
import { relayRequest } from './relay-request.ts';
import { relayResponse } from './relay-response.ts';
import { openRelayStream } from './relay-stream.ts';

/** The Responses API on both sides: bytes pass through, and the provider keeps what it is asked to store. */
export function openResponsesRelay(input: ExchangeInput): Exchange {
  const { body, dropped } = relayRequest(input);
  const nowMs = input.createdAt * 1_000;
  return {
    path: '/responses',
    headers: requestHeaders(input.clientHeaders),
    body,
    dropped,
    decodeAnswer: relayResponse,
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: openRelayStream,
  };
}
