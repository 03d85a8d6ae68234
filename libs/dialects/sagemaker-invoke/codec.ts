import type { ProviderCall, ProviderCodec } from '../dialect-codec.ts';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { viewObject } from '../json/splice-members.ts';
import { openaiChatProvider } from '../openai-chat/provider-codec.ts';
import { relayRequest } from '../openai-chat/relay-request.ts';
import { relayResponse } from '../openai-chat/relay-response.ts';
import { openRelayStream } from '../openai-chat/relay-stream.ts';
import { mapError } from './map-error.ts';
import { openSagemakerFraming } from './open-framing.ts';

/**
 * OpenAI's chat format behind a SageMaker endpoint, as the containers of TGI, vLLM and LMI serve it. The address names the endpoint; a
 * `model` in the body would have to be the container's own name for it, which nobody here knows, and may be left out.
 */
export const sagemakerInvokeProvider: ProviderCodec = {
  ...openaiChatProvider,
  path: endpointPath,
  openFraming: openSagemakerFraming,
  headers: () => HEADERS,
  encodeRequest: (request, options) => {
    const { model: _endpoint, ...body } = openaiChatProvider.encodeRequest(request, options);
    return body;
  },
  mapError,
};

const HEADERS = { 'content-type': 'application/json' };

function endpointPath({ model, stream }: ProviderCall): string {
  return `/endpoints/${encodeURIComponent(model)}/${stream ? 'invocations-response-stream' : 'invocations'}`;
}

/** The same format on both sides: bytes pass through. */
export function openSagemakerRelay(input: ExchangeInput): Exchange {
  const { body, hidesUsage, choices, dropped } = relayRequest(input);
  const nowMs = input.createdAt * 1_000;
  return {
    path: endpointPath({ model: input.upstreamModel, stream: input.stream }),
    headers: HEADERS,
    body: viewObject(body).splice(new Map([['model', undefined]])),
    dropped,
    decodeAnswer: (answer) => relayResponse(answer, nowMs),
    decodeError: (status, headers, answer) => mapError({ status, headers, body: answer, nowMs }),
    openStream: () => openRelayStream({ hidesUsage, choices, nowMs, openFraming: openSagemakerFraming }),
  };
}
