import type { DialectQuirks, ProviderDialect } from '#dialects';

/** How a provider wants its key: `Authorization: Bearer`, a header of its own, or not at all. */
export type ProviderAuth = { readonly kind: 'bearer' } | { readonly kind: 'header'; readonly header: string } | { readonly kind: 'none' };

/** A provider as data: a dialect, a host and what it does differently. */
export interface ProviderRecord {
  /** LiteLLM's name: the first segment of `provider/model`. */
  readonly id: string;
  readonly name: string;
  readonly dialect: ProviderDialect;
  /** The dialect's paths are below it. Undefined: `api_base` or one of `envBase` must name it. */
  readonly baseUrl: string | undefined;
  /** Environment variables that may hold the key, the first one set counts. */
  readonly envKeys: readonly string[];
  /** Environment variables that may hold another base. */
  readonly envBase?: readonly string[] | undefined;
  readonly auth: ProviderAuth;
  /** Sent with every request, lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly quirks: DialectQuirks;
  /** `source`: host taken from the vendor's documentation or a kept catalogue; `memory`: not checked, and shown as such. */
  readonly hostConfidence: 'source' | 'memory';
  /** The provider's id in the price catalogue; undefined when the catalogue does not have it. */
  readonly pricesAs?: string | undefined;
  readonly docsUrl: string | undefined;
  /** Beginnings of model names that LiteLLM takes without a provider in front and gives to this one. */
  readonly bareModels?: readonly string[] | undefined;
}
