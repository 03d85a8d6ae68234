import { GatewayError } from '#contracts';
import type { AnswerContext, ClientCodec, DecodedRequest, ProviderCodec } from './dialect-codec.ts';
import type { DecodedAnswer, Exchange, ExchangeInput } from './exchange.ts';
import { parseExact } from './json/exact-json.ts';
import { isRecord, parseRecord, recordAt, textOf, type JsonRecord } from './json/record.ts';
import { fitRequest } from './refuse-params.ts';
import { openTranslatedStream } from './translate-stream.ts';

/** An exchange between two dialects, by way of the neutral conversation. */
export function openTranslatedExchange(input: ExchangeInput, client: ClientCodec, provider: ProviderCodec): Exchange {
  const { request, includeUsage, dropParams } = decode(input, client);
  const fitted = fitRequest(request, provider.cannot, { dropParams, paramName: client.paramName });
  const { upstreamModel, quirks, stream } = input;
  const encoded = provider.encodeRequest(fitted.request, { upstreamModel, dropParams, quirks });
  const context: AnswerContext = { answerId: input.answerId, createdAt: input.createdAt, includeUsage };
  const nowMs = input.createdAt * 1_000;
  return {
    path: provider.path({ model: upstreamModel, stream }),
    dropped: fitted.dropped,
    headers: provider.headers(input.clientHeaders),
    body: Buffer.from(JSON.stringify(encoded)),
    decodeAnswer: (body): DecodedAnswer => {
      const answer = provider.decodeResponse(body);
      return { body: client.encodeResponse(answer, context), usage: answer.usage, finishReason: answer.finishReason };
    },
    decodeError: (status, headers, body) => provider.mapError({ status, headers, body, nowMs }),
    openStream: () =>
      openTranslatedStream({
        decode: provider.createStreamDecoder(),
        encode: client.createStreamEncoder(context),
        openFraming: provider.openFraming,
        errorOf: (document) => {
          const body = parseRecord(document.toString());
          const isError = recordAt(body, 'error') !== undefined;
          return isError ? provider.mapError({ status: undefined, headers: {}, body: document, nowMs }) : undefined;
        },
      }),
  };
}

function decode(input: ExchangeInput, client: ClientCodec): DecodedRequest {
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
