import { GatewayError } from '#contracts';
import type { ConversationRequest } from './conversation/request.ts';
import type { ConversationEvent } from './conversation/stream-event.ts';
import type { AnswerContext, ClientCodec, DecodedRequest, ProviderCodec } from './dialect-codec.ts';
import type { DecodedAnswer, Exchange, ExchangeInput, StreamDecoder } from './exchange.ts';
import { parseExact } from './json/exact-json.ts';
import { isRecord, parseRecord, recordAt, textOf, type JsonRecord } from './json/record.ts';
import { markConversation } from './mark-conversation.ts';
import { hasMarks } from './mark-prompt.ts';
import { paramsRefusedBy } from './openai-chat/param-name.ts';
import { placeMedia } from './place-media.ts';
import { fitRequest } from './refuse-params.ts';
import { openTranslatedStream } from './translate-stream.ts';

/** An exchange between two dialects, by way of the neutral conversation. */
export function openTranslatedExchange(input: ExchangeInput, client: ClientCodec, provider: ProviderCodec): Exchange {
  const { request, includeUsage, dropParams, dropped: dropsOfClient = [], echo } = decodeForTranslation(input, client);
  const { upstreamModel, quirks, stream, clientHeaders } = input;
  const cannot = [...provider.cannot, ...(provider.cannotOf?.(upstreamModel) ?? []), ...paramsRefusedBy(quirks)];
  const fitted = fitRequest(request, cannot, { dropParams, paramName: client.paramName, advice: client.advice });
  const placed = marked(placeMedia(fitted.request, provider, input.fetchedMedia), input);
  const dropped = new Set([...dropsOfClient, ...fitted.dropped]);
  const onDrop = (param: string): unknown => dropped.add(param);
  const encoded = provider.encodeRequest(placed, { upstreamModel, dropParams, quirks, clientHeaders, onDrop });
  const context: AnswerContext = { answerId: input.answerId, createdAt: input.createdAt, includeUsage, echo };
  const nowMs = input.createdAt * 1_000;
  return {
    path: provider.path({ model: upstreamModel, stream }),
    dropped: [...dropped],
    headers: provider.headers(input.clientHeaders, { model: upstreamModel, stream }),
    body: Buffer.from(JSON.stringify(encoded)),
    decodeAnswer: (body): DecodedAnswer => {
      const answer = withModel(provider.decodeResponse(body), upstreamModel);
      return { body: client.encodeResponse(answer, context), usage: answer.usage, finishReason: answer.finishReason };
    },
    decodeError: (status, headers, body) => provider.mapError({ status, headers, body, nowMs }),
    followUp: provider.followUp,
    openStream: () => openStreamBetween(input, provider, client.createStreamEncoder(context)),
  };
}

function marked(request: ConversationRequest, { clientDialect, marking }: ExchangeInput): ConversationRequest {
  return marking === undefined || hasMarks(clientDialect) ? request : markConversation(request, marking);
}

/** The provider's stream as the client's encoder writes it. */
export function openStreamBetween(
  input: ExchangeInput,
  provider: ProviderCodec,
  encode: (event: ConversationEvent) => string,
): StreamDecoder {
  const nowMs = input.createdAt * 1_000;
  return openTranslatedStream({
    decode: provider.createStreamDecoder(),
    encode: nameModel(encode, input.upstreamModel),
    openFraming: provider.openFraming,
    errorOf: (document) => {
      const body = parseRecord(document.toString());
      const isError = recordAt(body, 'error') !== undefined;
      return isError ? provider.mapError({ status: undefined, headers: {}, body: document, nowMs }) : undefined;
    },
  });
}

/** Not every format repeats the model in its answers (`''` then), and every client's has a place for it. */
function withModel<T extends { readonly model: string }>(answer: T, model: string): T {
  return answer.model === '' ? { ...answer, model } : answer;
}

function nameModel(encode: (event: ConversationEvent) => string, model: string): (event: ConversationEvent) => string {
  return (event) => encode(event.type === 'start' ? withModel(event, model) : event);
}

/** The client's request as a conversation. Throws `GatewayError` `invalid_json`, `invalid_request`, `unsupported_parameter`. */
export function decodeForTranslation(input: ExchangeInput, client: ClientCodec): DecodedRequest {
  return client.decodeRequest(parseBody(input.body), {
    stream: input.stream,
    dropParams: input.dropParams,
    defaultParams: input.defaultParams,
    unsupportedParams: input.quirks.unsupportedParams ?? [],
  });
}

function parseBody(bytes: Uint8Array): JsonRecord {
  try {
    const value = parseExact(textOf(bytes));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new GatewayError('invalid_json', 'The request body is not JSON.', { cause });
  }
  throw new GatewayError('invalid_json', 'The request body is not a JSON object.');
}
