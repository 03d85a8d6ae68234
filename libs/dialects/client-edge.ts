import { type ClientDialect, type GatewayError, OPERATION_DIALECTS } from '#contracts';
import * as anthropic from './anthropic-messages/encode-error.ts';
import { validateCount, validateRequest as validateMessagesRequest } from './anthropic-messages/validate-request.ts';
import { validateCount as validateTokenCount } from './gemini-count-tokens/open-count.ts';
import * as gemini from './gemini-generate/encode-error.ts';
import { validateRequest as validateGenerateRequest } from './gemini-generate/validate-request.ts';
import { encodeError, encodeStreamError as encodeOpenaiStreamError, type EncodedError } from './openai-chat/encode-error.ts';
import { validateRequest } from './openai-chat/validate-request.ts';
import { encodeStreamError as encodeResponsesStreamError } from './openai-responses/encode-error.ts';
import { validateRequest as validateResponsesRequest } from './openai-responses/validate-request.ts';
import { validateOperation } from './operations/validate-operation.ts';
import { validateRequest as validateCompletionsRequest } from './openai-completions/validate-request.ts';

interface ClientEdge {
  readonly encodeError: (error: GatewayError) => EncodedError;
  readonly encodeStreamError: (error: GatewayError) => Uint8Array;
  readonly validateRequest: (body: Readonly<Record<string, unknown>>) => void;
  /** Where the format's SDKs read the request's id, beside `x-request-id`. */
  readonly requestIdHeader?: string | undefined;
}

const OPENAI_CHAT: ClientEdge = { encodeError, encodeStreamError: encodeOpenaiStreamError, validateRequest };
const OPENAI_RESPONSES: ClientEdge = {
  encodeError,
  encodeStreamError: encodeResponsesStreamError,
  validateRequest: validateResponsesRequest,
};
const GEMINI_GENERATE: ClientEdge = { ...gemini, validateRequest: validateGenerateRequest };
const ANTHROPIC_MESSAGES: ClientEdge = { ...anthropic, validateRequest: validateMessagesRequest, requestIdHeader: 'request-id' };

/** OpenAI's errors, and each its own checks. */
const OPERATION_EDGES = Object.fromEntries(
  OPERATION_DIALECTS.map((dialect) => [
    dialect,
    { ...OPENAI_CHAT, validateRequest: (body: Readonly<Record<string, unknown>>) => validateOperation(dialect, body) },
  ]),
);

const EDGES: Readonly<Partial<Record<ClientDialect, ClientEdge>>> = {
  ...OPERATION_EDGES,
  'openai-chat': OPENAI_CHAT,
  'openai-responses': OPENAI_RESPONSES,
  'openai-completions': { ...OPENAI_CHAT, validateRequest: validateCompletionsRequest },
  'anthropic-messages': ANTHROPIC_MESSAGES,
  'gemini-generate': GEMINI_GENERATE,
  'gemini-count-tokens': { ...GEMINI_GENERATE, validateRequest: validateTokenCount },
  'anthropic-count-tokens': { ...ANTHROPIC_MESSAGES, validateRequest: validateCount },
};

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

/** The header in which the dialect's SDKs look for the request's id, beside `x-request-id`. */
export function requestIdHeader(dialect: ClientDialect): string | undefined {
  return edgeOf(dialect).requestIdHeader;
}
