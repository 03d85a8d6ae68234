import type { Exchange, ExchangeInput } from '../exchange.ts';
import { mapError } from './map-error.ts';
import { modelPath } from './model-path.ts';
import { relayRequest } from './relay-request.ts';
import { relayResponse } from './relay-response.ts';
import { openRelayStream } from './relay-stream.ts';

/** Gemini's format on both sides: bytes pass through; the model is in the address. */
export function openRelayExchange(input: ExchangeInput): Exchange {
  const { body, dropped } = relayRequest(input);
  const nowMs = input.createdAt * 1_000;
  return {
    path: modelPath({ model: input.upstreamModel, stream: input.stream }),
    headers: { 'content-type': 'application/json' },
    body,
    dropped,
    decodeAnswer: (answer) => relayResponse(answer, nowMs),
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream(nowMs),
  };
}
