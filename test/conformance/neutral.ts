import type { ChatDialect } from '#contracts';
import type { ProviderDialect } from '#dialects';

/**
 * What the matrix says and hears, in no format: a request as a client means it, an answer as a provider means it, and how
 * each was understood at the other end. Written apart from the product's own codecs, so that both can't be wrong together.
 */
export interface NeutralTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface NeutralCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export type NeutralTurn =
  | { readonly role: 'user'; readonly text: string; readonly imageBase64?: string }
  | { readonly role: 'assistant'; readonly text?: string; readonly calls?: readonly NeutralCall[]; readonly heard?: HeardAnswer }
  | { readonly role: 'results'; readonly results: readonly { readonly id: string; readonly name: string; readonly text: string }[] };

export interface NeutralRequest {
  readonly model: string;
  readonly system?: string;
  readonly turns: readonly NeutralTurn[];
  readonly tools?: readonly NeutralTool[];
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Asks the model to think. */
  readonly thinks?: boolean;
  readonly maxTokens: number;
}

export type NeutralFinish = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface NeutralAnswer {
  readonly text?: string;
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly calls?: readonly NeutralCall[];
  readonly finish: NeutralFinish;
  readonly usage: { readonly input: number; readonly cached: number; readonly output: number };
}

/** A request as the provider got it. */
export interface HeardRequest {
  readonly system: string;
  readonly turns: readonly {
    readonly role: 'user' | 'assistant' | 'results';
    readonly text: string;
    readonly images: number;
    readonly calls: readonly Omit<NeutralCall, 'id'>[];
    readonly results: readonly string[];
    /** Signatures of reasoning that came back. */
    readonly signatures: readonly string[];
  }[];
  readonly tools: readonly string[];
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  readonly thinks: boolean;
  readonly maxTokens: number | undefined;
}

/** An answer as the client got it. */
export interface HeardAnswer {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly NeutralCall[];
  readonly finish: NeutralFinish | undefined;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  /** The assistant's turn in the client's own words, to be given back as it is. */
  readonly raw: unknown;
}

/** A stream as the client got it: it ended well, or with an error event, or with neither. */
export interface HeardStream extends HeardAnswer {
  readonly ended: boolean;
  readonly error: string | undefined;
}

export type ProviderFault = 'rate-limited' | 'overloaded' | 'context' | 'auth' | 'quota';

export interface ProviderReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ClientFixture {
  readonly dialect: ChatDialect;
  request(request: NeutralRequest, stream: boolean): Readonly<Record<string, unknown>>;
  hear(answer: Uint8Array): HeardAnswer;
  hearStream(bytes: Uint8Array): HeardStream;
  /** What the format can't say. */
  readonly lacks?: readonly Ability[];
}

export type Ability =
  | 'system'
  | 'tools'
  | 'images'
  | 'schema'
  | 'thinking'
  | 'signatures'
  | 'length'
  | 'content_filter'
  | 'stream'
  | 'cached-usage'
  | 'stream-error';

export interface ProviderFixture {
  readonly dialect: ProviderDialect;
  /** Of a model that takes everything the format has. */
  readonly model: string;
  hear(body: Uint8Array): HeardRequest;
  answer(answer: NeutralAnswer): Uint8Array;
  /** The stream's units as the provider would send them, framing included. */
  stream(answer: NeutralAnswer): readonly Uint8Array[];
  fault(fault: ProviderFault): ProviderReply;
  /** A unit that reports overload in the middle of a stream. */
  streamFault?(): Uint8Array;
  readonly lacks?: readonly Ability[];
}
