import type { PromptMarking } from './mark-prompt.ts';
import type { ClientDialect, GatewayError, SentAnswer, SentPieces, TokenUsage } from '#contracts';

/**
 * The seam between the worker and the wire formats: one exchange with a provider, seen from a client's dialect.
 * Everything here is pure: bytes in, bytes out, no I/O, no clock but what is passed in.
 *
 * The same dialect on both sides passes bytes through (only `model` and what the gateway must set are spliced in);
 * different ones translate by way of the neutral conversation (`conversation/`).
 */
export interface ExchangeInput {
  readonly clientDialect: ClientDialect;
  readonly providerDialect: ProviderDialect;
  readonly stream: boolean;
  /** The client's body, valid JSON, an object. */
  readonly body: Uint8Array;
  /** The body is an `UploadForm` of the contracts: its files are stored apart. */
  readonly isForm?: boolean | undefined;
  /** The model name for the provider. */
  readonly upstreamModel: string;
  /** Set in the request where the client did not: `litellm_params` defaults of the deployment. */
  readonly defaultParams: Readonly<Record<string, unknown>>;
  /** Drop what the provider can't take instead of refusing it. */
  readonly dropParams: boolean;
  readonly quirks: DialectQuirks;
  /** Where the provider takes marks for its prompt cache, and they are to be set in conversations of formats that have none. */
  readonly marking?: PromptMarking | undefined;
  /** Lower-case client headers that may be passed on. */
  readonly clientHeaders: Readonly<Record<string, string>>;
  /** Unix seconds and id for answers the gateway must give them to (translated ones). */
  readonly createdAt: number;
  /** Unique, without a prefix: each dialect puts its own before it (`chatcmpl-`, `msg_`, `resp_`). */
  readonly answerId: string;
  /** Pictures and documents that were fetched for a provider that takes no addresses (see `remoteMediaOf`), by address. */
  readonly fetchedMedia?: ReadonlyMap<string, FetchedMedia> | undefined;
  /** Counts the tokens of a text, roughly, for answers made without a provider (`Exchange.local`). */
  readonly countTokens?: ((text: string) => Promise<number>) | undefined;
  /** Should the stream fail, another attempt is to go on with it; `sent`: what the client has of the answer already. */
  readonly continuation?: { readonly sent?: SentAnswer | undefined } | undefined;
}

export interface FetchedMedia {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** The formats providers speak. Names are never a provider's id: one format has many hosts. */
export const PROVIDER_DIALECTS = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  /** Claude on Bedrock's InvokeModel: Anthropic's body without `model`, answers in AWS's binary event stream. */
  'bedrock-invoke',
  /** Claude on Vertex: Anthropic's body without `model`. */
  'vertex-raw-predict',
  'bedrock-converse',
  'gemini-generate',
  'cohere-chat',
  'mistral-chat',
  'ollama-chat',
  'watsonx-chat',
  'replicate-predictions',
  'workers-ai-run',
  'sagemaker-invoke',
] as const;
export type ProviderDialect = (typeof PROVIDER_DIALECTS)[number];

/**
 * What a provider of a dialect does differently, as data (see `libs/providers`). Field names are OpenAI's. Unset means: as OpenAI
 * does it in a translated request, and untouched in a relayed one, where the client knows its provider.
 */
export interface DialectQuirks {
  /** Name of the token limit the provider takes, when it takes only one of the two. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** False: the provider refuses `stream_options`. */
  readonly streamUsage?: boolean | undefined;
  /** Parameters the provider answers with an error: refused, or dropped under `drop_params`. */
  readonly unsupportedParams?: readonly string[] | undefined;
  /** Top-level parameters under another name, from OpenAI's to the provider's: `{"seed":"random_seed"}`. */
  readonly renamedParams?: Readonly<Record<string, string>> | undefined;
  /** False: `developer` messages go as `system` messages. */
  readonly supportsDeveloperRole?: boolean | undefined;
  /** False: the provider has no `reasoning_effort`; with a `thinkingFormat`, the effort only switches thinking on or off. */
  readonly reasoningEffort?: boolean | undefined;
  /** How thinking is asked for (see `openai-chat/thinking-format.ts`); `reasoning_effort` when unset. */
  readonly thinkingFormat?: ThinkingFormat | undefined;
  /** Where an assistant message takes its plain reasoning back. False: never, it is removed from relayed messages too. */
  readonly reasoningBack?: 'reasoning_content' | 'reasoning' | false | undefined;
  /** True: the host passes LiteLLM's `thinking_blocks` on to the model (another gateway); elsewhere they are removed. */
  readonly thinkingBlocks?: boolean | undefined;
  /** `blocks`: the host takes `cache_control` marks. False: it refuses them, so they are removed from relayed requests too. */
  readonly cacheControl?: 'blocks' | false | undefined;
  /** True: a tool result must name its function. */
  readonly requiresToolResultName?: boolean | undefined;
  /** True: content of nothing but text parts must be one string. */
  readonly flattenContent?: boolean | undefined;
  /** True: the host also serves OpenAI's old `/completions`, so that such requests are relayed instead of asked as a chat. */
  readonly completions?: boolean | undefined;
  /** False: `strict` of tools and schemas is refused. */
  readonly strictTools?: boolean | undefined;
  /** Fields of operations that the provider calls otherwise, by client dialect: `{ 'cohere-rerank': { top_n: 'top_k' } }`. */
  readonly operationFields?: Readonly<Partial<Record<ClientDialect, Readonly<Record<string, string>>>>> | undefined;
  /** Whether a last turn of the assistant is gone on with (a prefill), where it is not as the format's own models do it. */
  readonly prefill?: boolean | undefined;
  /** What a request must say for that, in OpenAI's chat format. */
  readonly prefillFields?: Readonly<Record<string, unknown>> | undefined;
  /** Google's embeddings by `:predict` with instances, as on Vertex, instead of `:batchEmbedContents`. */
  readonly embedsByPredict?: boolean | undefined;
}

export type ThinkingFormat =
  | 'effort'
  | 'reasoning-object'
  | 'thinking-and-effort'
  | 'thinking-switch'
  | 'enable-thinking'
  | 'template-switch';

export interface Exchange {
  /** Path below the provider's base, e.g. `/chat/completions`. */
  readonly path: string;
  /** Headers of the dialect itself (`content-type`, `anthropic-version`); authentication is the provider's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Sent in place of `body`, in this order: bytes, or the next of the uploaded files. Its length is among `headers`. */
  readonly multipart?: readonly MultipartPiece[] | undefined;
  /** A whole 2xx answer, with its headers in lower case. Throws `GatewayError` (`upstream_invalid_response`, or the error inside a 200). */
  decodeAnswer(body: Uint8Array, headers?: Readonly<Record<string, string>>): DecodedAnswer;
  /** Any other answer, with lower-case headers. Never throws, whatever the bytes (HTML, nothing at all). */
  decodeError(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): GatewayError;
  openStream(): StreamDecoder;
  /** Parameters that were left out under `drop_params`, as the client names them; shown in `x-headrace-dropped-params`. */
  readonly dropped?: readonly string[] | undefined;
  /** `accept` of the answer when it is neither JSON nor an event stream of the client's: the provider's own type is relayed. */
  readonly relaysContentType?: boolean | undefined;
  /**
   * A 2xx answer that is not the last word: the request that asks on. The final answer, or in a stream every one of them as a line of
   * its own, is then decoded. Left out by formats that answer with one request.
   */
  readonly followUp?: ((answer: Uint8Array) => FollowUp | undefined) | undefined;
  /** Counting tokens: free at every provider that does it, and here. */
  readonly isFree?: boolean | undefined;
  /** The answer can be made here, without the provider (counting tokens): nothing is sent then. */
  readonly local?: (() => Promise<DecodedAnswer>) | undefined;
  /** What a call cost whose provider never said, where that is not the text that went in and came out (speech, pictures). */
  readonly estimateUsage?: (() => TokenUsage) | undefined;
}

/** A GET with the headers of the first request, never at another host. */
export interface FollowUp {
  /** Below the provider's base, as `Exchange.path` is. */
  readonly path: string;
  readonly delayMs: number;
}

export type MultipartPiece = Uint8Array | { readonly fileBytes: number };

export interface DecodedAnswer {
  /** The answer in the client's dialect. */
  readonly body: Uint8Array;
  readonly usage: TokenUsage | undefined;
  readonly finishReason: string | undefined;
}

/**
 * Turns the provider's stream into the client's. Fed with bytes cut anywhere. After an error or the end it returns
 * nothing more. A stream that closes before its own end marker is `upstream_truncated`, never a clean end.
 */
export interface StreamDecoder {
  push(chunk: Uint8Array): StreamStep;
  /** The provider closed the connection. Complete streams give the client's end marker here at the latest. */
  end(): StreamStep;
  /** Usage the provider stated so far. */
  readonly usage: TokenUsage | undefined;
  readonly finishReason: string | undefined;
  /** Text, reasoning and tool arguments produced so far, for an estimate when the provider states no usage. */
  readonly producedText: string;
}

export interface StreamStep {
  /** Whole events in the client's dialect, ready to relay; undefined when there is nothing to send yet. */
  readonly bytes: Uint8Array | undefined;
  /** True from the first event that carries content (text, reasoning, a tool call). */
  readonly hasContent: boolean;
  /** The client has been given its end marker: nothing follows. */
  readonly done: boolean;
  /** The stream failed; bytes before the failure are in `bytes`. */
  readonly error: GatewayError | undefined;
  /** What `bytes` show of the answer, where another attempt may have to go on with it (`ExchangeInput.continuation`). */
  readonly shown?: SentPieces | undefined;
}
