import { describe, isObject } from '../json.ts';
import { NOTHING_BILLED } from '../meter.ts';
import { invalidRequest } from '../openai-error.ts';
import { splitTokens } from '../tokens.ts';
import { jsonAnswer, type Operation } from './operation.ts';

const DOCUMENTS_PER_UNIT = 100;

/** `POST /v1/rerank` in Cohere's shape: the score is the share of the query's words that a document has. */
export const rerank: Operation = ({ id, fields }) => {
  const { query, documents, return_documents: returns } = fields;
  if (typeof query !== 'string' || query === '') throw invalidRequest(`query must be text, not ${describe(query)}.`, 'query');
  if (!Array.isArray(documents) || documents.length === 0) throw invalidRequest('documents must be a list.', 'documents');
  const texts = documents.map(textOf);
  const wanted = wordsOf(query);
  const ranked = texts
    .map((text, index) => ({ index, relevance_score: scoreOf(wanted, wordsOf(text)), ...(returns === true ? { document: { text } } : {}) }))
    .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index);
  const topN = typeof fields['top_n'] === 'number' ? fields['top_n'] : ranked.length;
  const searchUnits = Math.ceil(documents.length / DOCUMENTS_PER_UNIT);
  const meta = { api_version: { version: '2' }, billed_units: { search_units: searchUnits } };
  return jsonAnswer({ id: `rerank-${id}`, results: ranked.slice(0, topN), meta }, { ...NOTHING_BILLED, searchUnits });
};

function textOf(document: unknown, index: number): string {
  if (typeof document === 'string') return document;
  if (isObject(document) && typeof document['text'] === 'string') return document['text'];
  throw invalidRequest(`documents[${index}] must be text or an object with text.`, `documents[${index}]`);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(splitTokens(text.toLowerCase()).map((word) => word.trim()));
}

function scoreOf(wanted: ReadonlySet<string>, has: ReadonlySet<string>): number {
  const found = [...wanted].filter((word) => has.has(word)).length;
  return Math.round((found / wanted.size) * 10_000) / 10_000;
}
