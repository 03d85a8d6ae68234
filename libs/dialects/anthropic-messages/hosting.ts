import type { GatewayError } from '#contracts';
import type { ProviderCall, UpstreamAnswer } from '../dialect-codec.ts';
import type { EventSplitter } from '../sse/split-events.ts';
import { mapError } from './map-error.ts';

/**
 * The version our own requests are written for (https://platform.claude.com/docs/en/api/versioning). The next one, 2026-10-21, answers
 * alike and takes less: no `temperature`, `top_p` and `top_k`, which older models have.
 */
export const ANTHROPIC_VERSION = '2023-06-01';

/**
 * What a host of Claude does differently around Anthropic's own body: clouds say model, streaming, version and betas in other
 * places and frame the stream their own way. Shared by the relay and by translations.
 */
export interface AnthropicHosting {
  /** Below the provider's base. */
  readonly path: (call: ProviderCall) => string;
  /** Members of the body that the address says instead. */
  readonly addressed: readonly ('model' | 'stream')[];
  /** `anthropic_version` in the body; undefined: the version is a header, as in Anthropic's own API. */
  readonly bodyVersion?: string | undefined;
  /** Where betas are named: `anthropic-beta`, or the body's list `anthropic_beta`. */
  readonly betasIn: 'header' | 'body';
  /** Betas that the host answers with an error are left out, and named to the client. Undefined: it takes all. */
  readonly takesBeta?: ((beta: string) => boolean) | undefined;
  /** How the stream is framed; left out: server-sent events. An in-band failure may come as an event named `exception` or `error`. */
  readonly openFraming?: (() => EventSplitter) | undefined;
  readonly mapError: (answer: UpstreamAnswer) => GatewayError;
  /** False: pictures and documents must come as bytes. */
  readonly takesMediaUrls: boolean;
  /** Where tokens are counted by the host; undefined: by the gateway, as an estimate. */
  readonly countPath?: ((call: ProviderCall) => string) | undefined;
}

/** Anthropic's own API and the hosts that copy it. */
export const DIRECT_HOSTING: AnthropicHosting = {
  path: () => '/v1/messages',
  addressed: [],
  betasIn: 'header',
  mapError,
  takesMediaUrls: true,
  countPath: () => '/v1/messages/count_tokens',
};
