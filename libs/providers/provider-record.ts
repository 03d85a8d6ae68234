import type { ClientDialect } from '#contracts';
import type { DialectQuirks, ProviderDialect } from '#dialects';

/**
 * How a provider wants to know who calls. All but the first four are exchanged for a token or a signature (`libs/credentials`), from
 * settings of the deployment or the environment.
 */
export type ProviderAuth =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header'; readonly header: string; readonly scheme?: string | undefined }
  | { readonly kind: 'query'; readonly parameter: string }
  | { readonly kind: 'none' }
  /** AWS Signature Version 4 for a service (`bedrock`, `sagemaker`); a bearer token from `bearerEnv` goes before it. */
  | { readonly kind: 'aws'; readonly service: string; readonly bearerEnv?: readonly string[] | undefined }
  /** OAuth2 access token for a Google service account or the machine's own. */
  | { readonly kind: 'google-oauth' }
  /** `api-key`, or an Entra ID token. */
  | { readonly kind: 'entra-id' }
  /** An API key exchanged for an IAM token. */
  | { readonly kind: 'ibm-iam' }
  /** A personal token as bearer, or OAuth2 client credentials of a service principal of the workspace that the base names. */
  | { readonly kind: 'workspace-oauth' };

/** Where the value of a `{placeholder}` comes from, in this order: the deployment's parameter, the environment, the default. */
export interface ProviderSetting {
  /** As `litellm_params` names it: `aws_region_name`, `vertex_project`, `api_version`. */
  readonly params: readonly string[];
  readonly env: readonly string[];
  readonly fallback?: string | undefined;
  /** What the value stands for; `*` is any other value, which `{value}` in it repeats: `{"global":"host","*":"{value}-host"}`. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** What a group of a provider's models does differently: Claude on Vertex speaks another format than Gemini there. */
export interface ProviderFamily {
  /** Beginnings of the upstream model name, with `*` for any part of it: `claude-`, `*anthropic.`. Left out: all models. */
  readonly models?: readonly string[] | undefined;
  /** Only for requests that came in one of these formats. */
  readonly clients?: readonly ClientDialect[] | undefined;
  /** Only where a setting has one of these values. */
  readonly settings?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Only where the operator's own base ends like this (`/openai/v1`). */
  readonly baseEnding?: string | undefined;
  readonly dialect?: ProviderDialect | undefined;
  /** A family with a base of its own does not count where the operator has given one. */
  readonly baseUrl?: string | undefined;
  readonly paths?: ProviderPaths | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Taken off the model name before it is sent: `invoke/`. */
  readonly prefix?: string | undefined;
  readonly auth?: ProviderAuth | undefined;
  readonly quirks?: DialectQuirks | undefined;
}

export type ProviderPath = string | { readonly whole: string; readonly stream: string };

/**
 * Paths below the base by client dialect; else `chat` for all conversations, else `every`. May hold `{model}`, `{path}` (the one of the
 * dialect) and the settings' placeholders.
 */
export type ProviderPaths = Readonly<Partial<Record<ClientDialect | 'chat' | 'every', ProviderPath>>>;

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
  /** What the provider serves beside conversations in its own format, so that a model's abilities can be listed. */
  readonly operations?: readonly ClientDialect[] | undefined;
  /** False: the provider serves its `operations` only. */
  readonly conversations?: boolean | undefined;
  /** Environment variables that may hold the key, the first one set counts. */
  readonly envKeys: readonly string[];
  /** True: the provider may do without a key, as servers of the operator's own do. */
  readonly keyOptional?: boolean | undefined;
  /** Environment variables other than keys that say that there are credentials. */
  readonly envCredentials?: readonly string[] | undefined;
  /** Environment variables that may hold another base. */
  readonly envBase?: readonly string[] | undefined;
  /** Parameters of a deployment that may hold another base, beside `api_base`. */
  readonly baseParams?: readonly string[] | undefined;
  readonly auth: ProviderAuth;
  /** Sent with every request, lower case. May hold placeholders; left out when one of them has no value. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Body fields set where neither client nor deployment did. May hold placeholders; left out when one of them has no value. */
  readonly body?: Readonly<Record<string, string>> | undefined;
  readonly quirks: DialectQuirks;
  /** `source`: host taken from the vendor's documentation or a kept catalogue; `memory`: not checked, and shown as such. */
  readonly hostConfidence: 'source' | 'memory';
  /** The provider's id in the price catalogue; undefined when the catalogue does not have it. */
  readonly pricesAs?: string | undefined;
  /**
   * What the provider takes of its usual price for tokens in a tier of service, where it has published one number for all models:
   * `{"batch":"0.5"}`. A tier that is not here is priced by the price file, else as usual.
   */
  readonly tierMultipliers?: Readonly<Record<string, string>> | undefined;
  readonly docsUrl: string | undefined;
  /** Beginnings of model names that LiteLLM takes without a provider in front and gives to this one. */
  readonly bareModels?: readonly string[] | undefined;
}
