export * from './cache-controls.ts';
export * from './cache-entry.ts';
export * from './cache-key.ts';
export { canonicalRequest, type CanonicalOptions } from './canonical-request.ts';
export { createLocalEmbedder, type Embedder } from './semantic/embedder.ts';
export { createSimilarIndex, type KnownText, type SimilarIndex } from './semantic/similar-index.ts';
export { similarQuestion, type SimilarQuestion } from './semantic/similar-question.ts';
export { decodeKnownText, encodeKnownText } from './semantic/known-text.ts';
