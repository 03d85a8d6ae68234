import type { TokenUsage } from '#contracts';
import type { DecodedAnswer, ExchangeInput } from '../../exchange.ts';
import { invalidAnswer } from '../read-answer.ts';
import type { EmbeddingsRequest } from './read-embeddings.ts';

/** OpenAI's answer from vectors in the order of the texts. Throws when one is missing or no list of numbers. */
export function encodeEmbeddings(
  vectors: readonly unknown[],
  usage: TokenUsage,
  request: EmbeddingsRequest,
  input: ExchangeInput,
): DecodedAnswer {
  if (vectors.length !== request.texts.length) throw invalidAnswer(`${vectors.length} embeddings for ${request.texts.length} texts`);
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: request.asBase64 ? toBase64(readVector(vector)) : readVector(vector),
  }));
  const stated = { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens };
  const body = Buffer.from(JSON.stringify({ object: 'list', data, model: input.upstreamModel, usage: stated }));
  return { body, usage, finishReason: undefined };
}

function readVector(vector: unknown): readonly number[] {
  if (Array.isArray(vector) && vector.length > 0 && vector.every((value) => typeof value === 'number')) return vector;
  throw invalidAnswer('an embedding that is not a list of numbers');
}

/** 32-bit floats, little endian, as OpenAI encodes them. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
