import type { Exchange, ExchangeInput } from '../exchange.ts';
import { mapError } from './map-error.ts';
import { relayRequest } from './relay-request.ts';
import { relayResponse } from './relay-response.ts';
import { openRelayStream } from './relay-stream.ts';

const PASSED_HEADERS = ['openai-organization', 'openai-project', 'openai-beta'] as const;

/** OpenAI chat on both sides: bytes pass through. */
export function openRelayExchange(input: ExchangeInput): Exchange {
  const { body, hidesUsage, choices } = relayRequest(input);
  const nowMs = input.createdAt * 1_000;
  return {
    path: '/chat/completions',
    headers: relayHeaders(input.clientHeaders),
    body,
    decodeAnswer: (answer) => relayResponse(answer, nowMs),
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream({ hidesUsage, choices, nowMs }),
  };
}

function relayHeaders(clientHeaders: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const name of PASSED_HEADERS) {
    const value = clientHeaders[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
