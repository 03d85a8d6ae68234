import { GatewayError } from '#contracts';
import type { Exchange, ExchangeInput } from '../../exchange.ts';
import { estimateInput } from '../map-usage.ts';
import { finishExchange, isOpenaiHost, JSON_HEADERS, type MapError, operationNotSupported } from '../operation.ts';
import { readAnswer } from '../read-answer.ts';
import { bedrockCohereEmbeddings, cohereEmbeddings } from './cohere-embeddings.ts';
import type { EmbeddingsHost } from './embeddings-host.ts';
import { encodeEmbeddings } from './encode-answer.ts';
import { geminiEmbeddings, vertexEmbeddings } from './google-embeddings.ts';
import { ollamaEmbeddings } from './ollama-embeddings.ts';
import { readEmbeddings } from './read-embeddings.ts';
import { openEmbeddingsRelay } from './relay-embeddings.ts';
import { titanEmbeddings } from './titan-embeddings.ts';

/** `/v1/embeddings`: relayed to hosts of OpenAI's format, translated for the others. */
export function openEmbeddings(input: ExchangeInput, mapError: MapError): Exchange {
  if (isOpenaiHost(input.providerDialect)) return openEmbeddingsRelay(input, mapError);
  const host = hostOf(input);
  if (host === undefined) throw operationNotSupported('embeddings');
  const request = readEmbeddings(input);
  if (host === titanEmbeddings && request.texts.length > 1) throw oneTextOnly();
  const nowMs = input.createdAt * 1_000;
  return finishExchange(
    {
      path: host.path(input.upstreamModel),
      headers: JSON_HEADERS,
      body: Buffer.from(JSON.stringify(host.encode(request, input.upstreamModel))),
      dropped: request.dropped,
      decodeAnswer: (answer, headers = {}) => {
        const { vectors, usage } = host.decode(readAnswer(answer, mapError, nowMs), headers);
        return encodeEmbeddings(vectors, usage ?? estimateInput(request.chars), request, input);
      },
      estimateUsage: () => estimateInput(request.chars),
    },
    input,
    mapError,
  );
}

function hostOf({ providerDialect, upstreamModel, quirks }: ExchangeInput): EmbeddingsHost | undefined {
  switch (providerDialect) {
    case 'cohere-chat':
      return cohereEmbeddings;
    case 'ollama-chat':
      return ollamaEmbeddings;
    case 'gemini-generate':
      return quirks.embedsByPredict === true ? vertexEmbeddings : geminiEmbeddings;
    case 'bedrock-converse':
    case 'bedrock-invoke':
      if (upstreamModel.includes('titan-embed')) return titanEmbeddings;
      return upstreamModel.includes('cohere.embed') ? bedrockCohereEmbeddings : undefined;
    default:
      return undefined;
  }
}

function oneTextOnly(): GatewayError {
  const message = "The provider of this model embeds one text at a time. Send one string in 'input'.";
  return new GatewayError('unsupported_parameter', message, { param: 'input', retry: 'elsewhere' });
}
