import { NO_USAGE, type TokenUsage } from '#contracts';
import type { ExchangeInput } from '../../exchange.ts';
import { isRecord } from '../../json/record.ts';
import { readFields } from '../read-fields.ts';

/** A rerank request as every provider's format can express it. */
export interface RerankRequest {
  readonly query: unknown;
  /** As the client sent them: texts, or objects with fields. */
  readonly documents: readonly unknown[];
  readonly texts: readonly string[];
  readonly topN: unknown;
  readonly returnsDocuments: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly dropped: readonly string[];
}

const KNOWN = new Set(['model', 'query', 'documents', 'top_n', 'return_documents', 'rank_fields', 'user']);

export function readRerank(input: ExchangeInput): RerankRequest {
  const fields = readFields(input);
  const { query, documents: given, top_n: topN, return_documents: returns, rank_fields: rankFields } = fields.values;
  const documents: readonly unknown[] = Array.isArray(given) ? given : [];
  return {
    query,
    documents,
    texts: documents.map((document) => textOf(document, rankFields)),
    topN: topN ?? undefined,
    returnsDocuments: returns === true,
    extra: fields.others(KNOWN),
    dropped: fields.dropped,
  };
}

/** Formats without fields take text: an object's `text`, or as JSON the fields that are to be ranked by. */
function textOf(document: unknown, rankFields: unknown): string {
  if (typeof document === 'string') return document;
  if (!isRecord(document)) return JSON.stringify(document) ?? '';
  if (!Array.isArray(rankFields)) return typeof document['text'] === 'string' ? document['text'] : JSON.stringify(document);
  return JSON.stringify(Object.fromEntries(rankFields.map((field: unknown) => [String(field), document[String(field)]])));
}

/** One search of up to a hundred documents is what rerankers bill (https://docs.cohere.com/docs/rerank-overview). */
const DOCUMENTS_PER_UNIT = 100;

/** For hosts that state nothing. */
export function estimateSearch(documents: number): TokenUsage {
  return { ...NO_USAGE, searchUnits: Math.max(1, Math.ceil(documents / DOCUMENTS_PER_UNIT)), estimated: true };
}
