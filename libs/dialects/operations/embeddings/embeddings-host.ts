import type { TokenUsage } from '#contracts';
import type { JsonRecord } from '../../json/record.ts';
import type { EmbeddingsRequest } from './read-embeddings.ts';

/** How one provider's API makes embeddings. */
export interface EmbeddingsHost {
  path(model: string): string;
  encode(request: EmbeddingsRequest, model: string): JsonRecord;
  /** Vectors in the order of the texts, and the usage as far as the answer or its headers state it. */
  decode(answer: JsonRecord, headers: Readonly<Record<string, string>>): DecodedEmbeddings;
}

export interface DecodedEmbeddings {
  readonly vectors: readonly unknown[];
  readonly usage: TokenUsage | undefined;
}

export function listAt(record: JsonRecord | undefined, key: string): readonly unknown[] {
  const value = record?.[key];
  return Array.isArray(value) ? value : [];
}
