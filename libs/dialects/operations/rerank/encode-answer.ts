import { isRecord } from '../../json/record.ts';
import { invalidAnswer } from '../read-answer.ts';

export interface RankedDocument {
  readonly index: number;
  readonly relevance_score: number;
  readonly document?: unknown;
}

/** Results as Cohere shows them, with the documents where the client asked for them. Throws for an index of no document. */
export function readResults(results: unknown, documents: readonly unknown[], returnsDocuments: boolean): RankedDocument[] {
  if (!Array.isArray(results)) throw invalidAnswer("an answer without 'results'");
  return results.map((result: unknown) => {
    const index = isRecord(result) ? result['index'] : undefined;
    const score = isRecord(result) ? result['relevance_score'] : undefined;
    if (typeof index !== 'number' || documents[index] === undefined || typeof score !== 'number') {
      throw invalidAnswer('a result without an index and a score');
    }
    return { index, relevance_score: score, ...(returnsDocuments ? { document: shown(documents[index]) } : {}) };
  });
}

function shown(document: unknown): unknown {
  return typeof document === 'string' ? { text: document } : document;
}
