import type { GatewayError } from '#contracts';
import type { ConversationAnswer } from './conversation/answer.ts';
import type { ConversationRequest } from './conversation/request.ts';
import type { ConversationEvent } from './conversation/stream-event.ts';
import type { JsonRecord } from './json/record.ts';
import type { DialectQuirks, Exchange } from './exchange.ts';
import type { ServerSentEvent } from './sse/parse-event.ts';
import type { EventSplitter } from './sse/split-events.ts';

/** Facts about one answer that the client's dialect needs and the provider does not give. */
export interface AnswerContext {
  readonly answerId: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The client asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** Members of the request that the client's dialect repeats in its answer. */
  readonly echo?: JsonRecord | undefined;
}

/** Members of a conversation that not every provider can express; `undefined`, `[]` or 'auto' of one asks for nothing. */
export const OPTIONAL_PARAMS = [
  'parallelToolCalls',
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stop',
  'outputFormat',
  'reasoningEffort',
  'reasoningBudget',
  'serviceTier',
] as const satisfies readonly (keyof ConversationRequest)[];
export type OptionalParam = (typeof OPTIONAL_PARAMS)[number];

/** What a client's dialect does in a translation. Throws `GatewayError` for requests it can't read. */
export interface ClientCodec {
  decodeRequest(body: JsonRecord, options: DecodeRequestOptions): DecodedRequest;
  encodeResponse(answer: ConversationAnswer, context: AnswerContext): Uint8Array;
  /** How the client names a parameter, for the error that refuses it. */
  paramName(param: OptionalParam): string;
  /** Parameters that its agents send with every call, whatever the model: left out and named for a provider that can't take them, not refused. */
  readonly advice?: readonly OptionalParam[] | undefined;
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
  /** The client's names of what was left out already. */
  readonly dropped?: readonly string[] | undefined;
  /** For `AnswerContext.echo`. */
  readonly echo?: JsonRecord | undefined;
}

/** What a provider's dialect does in a translation. */
export interface ProviderCodec {
  /** Below the provider's base; a record's own `paths` (libs/providers) go before it. */
  path(call: ProviderCall): string;
  /** How the provider cuts its stream: every unit is given on as one server-sent event. Left out: the stream is one of those. */
  readonly openFraming?: (() => EventSplitter) | undefined;
  /** Parameters the format has no place for: refused by the client's name for it, or left out under `drop_params`. */
  readonly cannot: readonly OptionalParam[];
  /** More of them, for some of the provider's models. */
  readonly cannotOf?: ((model: string) => readonly OptionalParam[]) | undefined;
  /** False: pictures and documents must come as bytes, so the worker fetches addresses first; `images`: documents must. */
  readonly takesMediaUrls: boolean | 'images';
  /** Addresses the provider reads itself all the same: files uploaded to it. */
  readonly readsUrl?: ((url: string) => boolean) | undefined;
  /** Whether the model goes on with a last turn of the assistant (a prefill); without a word it does not. */
  readonly takesPrefill?: ((model: string, request: ConversationRequest) => boolean) | undefined;
  /** True: recordings (base64 media of type `audio/…`) have a place; elsewhere they are refused by name. */
  readonly takesAudio?: boolean | undefined;
  headers(clientHeaders: Readonly<Record<string, string>>, call: ProviderCall): Record<string, string>;
  encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord;
  decodeResponse(body: Uint8Array): ConversationAnswer;
  createStreamDecoder(): EventDecoder;
  /** See `Exchange.followUp`. */
  readonly followUp?: Exchange['followUp'];
  mapError(answer: UpstreamAnswer): GatewayError;
}

/** Throws `GatewayError` for an error event and for events it can't read. */
export interface EventDecoder {
  (event: ServerSentEvent): readonly ConversationEvent[];
  /** The connection was closed without a `finish`: the events that are due when the answer was complete all the same, else none. */
  close?(): readonly ConversationEvent[];
}

export interface ProviderCall {
  /** The model name for the provider. */
  readonly model: string;
  readonly stream: boolean;
}

export interface EncodeRequestOptions {
  readonly quirks: DialectQuirks;
  readonly upstreamModel: string;
  readonly dropParams: boolean;
  /** Lower case; for hosts that want in the body what clients say in a header (betas). */
  readonly clientHeaders?: Readonly<Record<string, string>> | undefined;
  /** To be told of each parameter that is left out under `dropParams`. */
  readonly onDrop?: ((param: string) => void) | undefined;
}

/** A provider's answer that is an error. `status` is undefined for errors inside a 200. */
export interface UpstreamAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Unix milliseconds, for `retry-after` dates when the answer has no `date` of its own. */
  readonly nowMs: number;
}
