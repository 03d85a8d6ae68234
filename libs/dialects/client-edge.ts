import type { ClientDialect, GatewayError } from '#contracts';
import { encodeError, encodeStreamError as encodeOpenaiStreamError, type EncodedError } from './openai-chat/encode-error.ts';
import { validateRequest } from './openai-chat/validate-request.ts';

interface ClientEdge {
  readonly encodeError: (error: GatewayError) => EncodedError;
  readonly encodeStreamError: (error: GatewayError) => Uint8Array;
  readonly validateRequest: (body: Readonly<Record<string, unknown>>) => void;
}

const OPENAI_CHAT: ClientEdge = { encodeError, encodeStreamError: encodeOpenaiStreamError, validateRequest };

const EDGES: Readonly<Partial<Record<ClientDialect, ClientEdge>>> = { 'openai-chat': OPENAI_CHAT };

/** Most formats here are OpenAI's, and so is its error shape where a format has none of its own. */
function edgeOf(dialect: ClientDialect): ClientEdge {
  return EDGES[dialect] ?? OPENAI_CHAT;
}

/** An error as a whole HTTP answer in the client's dialect. */
export function encodeClientError(dialect: ClientDialect, error: GatewayError): EncodedError {
  return edgeOf(dialect).encodeError(error);
}

/** An error as the last event of a stream that has begun. */
export function encodeStreamError(dialect: ClientDialect, error: GatewayError): Uint8Array {
  return edgeOf(dialect).encodeStreamError(error);
}

/**
 * Structural checks of a parsed request body, cheap enough for the ingress. Throws `GatewayError` `invalid_request` that names
 * the field and the fix; lets everything it does not know pass.
 */
export function validateClientRequest(dialect: ClientDialect, body: Readonly<Record<string, unknown>>): void {
  edgeOf(dialect).validateRequest(body);
}
