export * from './cache-controls.ts';
export * from './cache-entry.ts';
export * from './cache-key.ts';
export { canonicalRequest, type CanonicalOptions } from './canonical-request.ts';
