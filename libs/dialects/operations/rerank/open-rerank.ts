import type { TokenUsage } from '#contracts';
import type { DecodedAnswer, Exchange, ExchangeInput } from '../../exchange.ts';
import { isRecord, recordAt, type JsonRecord } from '../../json/record.ts';
import { finishExchange, isOpenaiHost, JSON_HEADERS, type MapError, operationNotSupported } from '../operation.ts';
import { invalidAnswer, readAnswer } from '../read-answer.ts';
import { relayJson } from '../relay-json.ts';
import { readResults } from './encode-answer.ts';
import { mapRerankUsage } from './map-usage.ts';
import { estimateSearch, readRerank, type RerankRequest } from './read-rerank.ts';

/**
 * `/v1/rerank` in Cohere's words, which Jina, Together, vLLM and others take as they are; Voyage's answer is renamed. Cohere's own v2
 * and its and Amazon's models on Bedrock (InvokeModel) are translated: they give no documents back, so they are added here.
 */
export function openRerank(input: ExchangeInput, mapError: MapError): Exchange {
  if (isOpenaiHost(input.providerDialect)) return openRelay(input, mapError);
  const request = readRerank(input);
  const call = nativeCall(input, request);
  if (call === undefined) throw operationNotSupported('reranking');
  const nowMs = input.createdAt * 1_000;
  const estimateUsage = () => estimateSearch(request.documents.length);
  return finishExchange(
    {
      path: call.path,
      headers: JSON_HEADERS,
      body: Buffer.from(JSON.stringify(call.body)),
      dropped: request.dropped,
      decodeAnswer: (answer) => encode(readAnswer(answer, mapError, nowMs), request, input, estimateUsage),
      estimateUsage,
    },
    input,
    mapError,
  );
}

interface NativeCall {
  readonly path: string;
  readonly body: JsonRecord;
}

function nativeCall({ providerDialect, upstreamModel: model }: ExchangeInput, request: RerankRequest): NativeCall | undefined {
  const { query, texts: documents, topN, extra } = request;
  const body = { ...extra, query, documents, ...(topN === undefined ? {} : { top_n: topN }) };
  if (providerDialect === 'cohere-chat') return { path: '/v2/rerank', body: { ...body, model } };
  const isBedrock = providerDialect === 'bedrock-converse' || providerDialect === 'bedrock-invoke';
  if (!isBedrock || !model.includes('rerank')) return undefined;
  // https://docs.aws.amazon.com/bedrock/latest/userguide/rerank-use.html: Cohere's models want their API's version
  const version = model.includes('cohere.') ? { api_version: 2 } : {};
  return { path: `/model/${encodeURIComponent(model)}/invoke`, body: { ...body, ...version } };
}

function encode(answer: JsonRecord, request: RerankRequest, input: ExchangeInput, estimateUsage: () => TokenUsage): DecodedAnswer {
  const results = readResults(answer['results'], request.documents, request.returnsDocuments);
  const usage = mapRerankUsage(answer) ?? estimateUsage();
  const meta = recordAt(answer, 'meta') ?? { billed_units: { search_units: usage.searchUnits } };
  const id = typeof answer['id'] === 'string' ? answer['id'] : input.answerId;
  return { body: Buffer.from(JSON.stringify({ id, results, meta })), usage, finishReason: undefined };
}

function openRelay(input: ExchangeInput, mapError: MapError): Exchange {
  const { body, view, dropped } = relayJson(input);
  const documents: unknown = view.value('documents');
  const nowMs = input.createdAt * 1_000;
  const estimateUsage = () => estimateSearch(Array.isArray(documents) ? documents.length : 1);
  return finishExchange(
    {
      path: '/rerank',
      headers: JSON_HEADERS,
      body,
      dropped,
      decodeAnswer: (answer) => decodeRelayed(answer, readAnswer(answer, mapError, nowMs), input, estimateUsage),
      estimateUsage,
    },
    input,
    mapError,
  );
}

function decodeRelayed(body: Uint8Array, answer: JsonRecord, input: ExchangeInput, estimateUsage: () => TokenUsage): DecodedAnswer {
  const usage = mapRerankUsage(answer) ?? estimateUsage();
  if (Array.isArray(answer['results'])) return { body, usage, finishReason: undefined };
  const { data, ...rest } = answer;
  if (!Array.isArray(data)) throw invalidAnswer("an answer without 'results'");
  const results = data.map((result: unknown) =>
    isRecord(result) && typeof result['document'] === 'string' ? { ...result, document: { text: result['document'] } } : result,
  );
  return { body: Buffer.from(JSON.stringify({ id: input.answerId, ...rest, results })), usage, finishReason: undefined };
}
