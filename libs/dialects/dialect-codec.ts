import type { GatewayError } from '#contracts';
import type { ConversationAnswer } from './conversation/answer.ts';
import type { ConversationRequest } from './conversation/request.ts';
import type { ConversationEvent } from './conversation/stream-event.ts';
import type { JsonRecord } from './json/record.ts';
import type { ServerSentEvent } from './sse/parse-event.ts';

/** Facts about one answer that the client's dialect needs and the provider does not give. */
export interface AnswerContext {
  readonly answerId: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The client asked for usage in the stream. */
  readonly includeUsage: boolean;
}

/** What a client's dialect does in a translation. Throws `GatewayError` for requests it can't read. */
export interface ClientCodec {
  decodeRequest(body: JsonRecord, options: DecodeRequestOptions): DecodedRequest;
  encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array;
  /** `finish` also gives the end marker. Returns '' for what the dialect does not show. */
  createStreamEncoder(context: AnswerContext): (event: ConversationEvent) => string;
}

export interface DecodeRequestOptions {
  readonly stream: boolean;
  readonly dropParams: boolean;
  /** Set where the client did not, in OpenAI's names (`litellm_params`). */
  readonly defaultParams: JsonRecord;
  /** Fields the provider can't take, as the client names them. */
  readonly unsupportedParams: readonly string[];
}

export interface DecodedRequest {
  readonly request: ConversationRequest;
  readonly includeUsage: boolean;
  /** The setting, or the request's own `drop_params`. */
  readonly dropParams: boolean;
}

/** What a provider's dialect does in a translation. */
export interface ProviderCodec {
  readonly path: string;
  headers(clientHeaders: Readonly<Record<string, string>>): Record<string, string>;
  encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord;
  decodeResponse(body: Uint8Array): ConversationAnswer;
  /** Throws `GatewayError` for an error event and for events it can't read. */
  createStreamDecoder(): (event: ServerSentEvent) => readonly ConversationEvent[];
  mapError(answer: UpstreamAnswer): GatewayError;
}

export interface EncodeRequestOptions {
  readonly upstreamModel: string;
  readonly dropParams: boolean;
}

/** A provider's answer that is an error. `status` is undefined for errors inside a 200. */
export interface UpstreamAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Unix milliseconds, for `retry-after` dates when the answer has no `date` of its own. */
  readonly nowMs: number;
}
