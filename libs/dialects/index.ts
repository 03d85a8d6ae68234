export { encodeClientError, encodeStreamError, validateClientRequest } from './client-edge.ts';
export * from './exchange.ts';
export type { EncodedError } from './openai-chat/encode-error.ts';
export { joinUpstreamUrl } from './join-upstream-url.ts';
export { openExchange } from './open-exchange.ts';
