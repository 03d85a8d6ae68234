import type { ClientDialect } from '#contracts';
import type { DialectQuirks, ProviderDialect } from '#dialects';

/**
 * How a provider wants to know who calls. All but the first four are exchanged for a token or a signature by the worker
 * (`services/worker/credentials`), from settings of the deployment or the environment.
 */
export type ProviderAuth =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header'; readonly header: string; readonly scheme?: string | undefined }
  | { readonly kind: 'query'; readonly parameter: string }
  | { readonly kind: 'none' }
  /** AWS Signature Version 4 for a service (`bedrock`, `sagemaker`); a bearer token from `bearerEnv` goes before it. */
  | { readonly kind: 'aws'; readonly service: string; readonly bearerEnv?: readonly string[] | undefined }
  /** OAuth2 access token for a Google service account or the machine's own. */
  | { readonly kind: 'google' }
  /** `api-key`, or an Entra ID token. */
  | { readonly kind: 'azure' }
  /** An API key exchanged for an IAM token. */
  | { readonly kind: 'ibm-iam' }
  /** A personal token as bearer, or OAuth2 client credentials of a service principal. */
  | { readonly kind: 'databricks' };

/** Where the value of a `{placeholder}` comes from, in this order: the deployment's parameter, the environment, the default. */
export interface ProviderSetting {
  /** As `litellm_params` names it: `aws_region_name`, `vertex_project`, `api_version`. */
  readonly params: readonly string[];
  readonly env: readonly string[];
  readonly fallback?: string | undefined;
}

/** What a group of a provider's models does differently: Claude on Vertex speaks another format than Gemini there. */
export interface ProviderFamily {
  /** Beginnings of the upstream model name, or `*` parts in it: `claude-`, `*anthropic.*`. */
  readonly models: readonly string[];
  readonly dialect?: ProviderDialect | undefined;
  readonly baseUrl?: string | undefined;
  readonly paths?: ProviderPaths | undefined;
  /** Taken off the model name before it is sent: `invoke/`. */
  readonly prefix?: string | undefined;
  readonly quirks?: DialectQuirks | undefined;
}

/** Paths below the base by client dialect; `chat` for all conversations. May hold `{model}` and the settings' placeholders. */
export type ProviderPaths = Readonly<Partial<Record<ClientDialect | 'chat', string | { readonly whole: string; readonly stream: string }>>>;

/** A provider as data: a dialect, a host and what it does differently. */
export interface ProviderRecord {
  /** LiteLLM's name: the first segment of `provider/model`. */
  readonly id: string;
  readonly name: string;
  /** Other names that LiteLLM or its users know it by. */
  readonly aliases?: readonly string[] | undefined;
  readonly dialect: ProviderDialect;
  /** The dialect's paths are below it; may hold `{placeholders}`. Undefined: `api_base` or one of `envBase` must name it. */
  readonly baseUrl: string | undefined;
  /** By placeholder name. */
  readonly settings?: Readonly<Record<string, ProviderSetting>> | undefined;
  /** Where the provider's paths are not the dialect's. */
  readonly paths?: ProviderPaths | undefined;
  /** Added to every address; values may hold placeholders. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** First match counts. */
  readonly families?: readonly ProviderFamily[] | undefined;
  /** Operations beside conversations that the provider serves, so that a model's abilities can be listed. */
  readonly operations?: readonly ClientDialect[] | undefined;
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
