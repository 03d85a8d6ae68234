import type { SecretRef } from '../secret-ref.ts';

/** When a guardrail looks: at the request before it runs, beside the provider's call, at the answer, or for the record alone. */
export const GUARDRAIL_HOOKS = ['pre_call', 'during_call', 'post_call', 'logging_only'] as const;
export type GuardrailHook = (typeof GUARDRAIL_HOOKS)[number];

/** What is done with what a rule finds. `restore`: hidden from the provider and put back in the answer. */
export const GUARDRAIL_ACTIONS = ['block', 'mask', 'restore'] as const;
export type GuardrailAction = (typeof GUARDRAIL_ACTIONS)[number];

/** What the PII rule finds, by Presidio's names where it has one. */
export const PII_ENTITIES = [
  'EMAIL_ADDRESS',
  'PHONE_NUMBER',
  'CREDIT_CARD',
  'IBAN_CODE',
  'IP_ADDRESS',
  'US_SSN',
  'UK_NINO',
  'UK_NHS',
  'DE_STEUER_ID',
  'FR_NIR',
  'ES_NIF',
  'ES_NIE',
  'IT_FISCAL_CODE',
  'BR_CPF',
  'NL_BSN',
  'PL_PESEL',
  'SE_PERSONNUMMER',
  'FI_PERSONAL_IDENTITY_CODE',
  'IN_AADHAAR',
  'CN_RESIDENT_ID',
  'CA_SIN',
  'CH_AHV',
  'AU_TFN',
] as const;

/** An entry of `guardrails:`. */
export interface GuardrailSettings {
  readonly name: string;
  /** What stands under `guardrail`. */
  readonly type: string;
  readonly hooks: readonly GuardrailHook[];
  /** Runs for every request; others where a key, team or request names them. */
  readonly defaultOn: boolean;
  /** When it can't be asked, or fails: the request goes on (true) or is refused. */
  readonly failOpen: boolean;
  readonly rule: GuardrailRule;
}

export type GuardrailRule = PiiRule | SecretsRule | WordsRule | InjectionRule | LimitsRule | ToolsRule | SchemaRule | ExternalRule;

export interface PiiRule {
  readonly kind: 'pii';
  /** Category → what is done with it. */
  readonly entities: Readonly<Record<string, GuardrailAction>>;
  /** ISO 3166 codes of the countries whose phone numbers may come without `+`. */
  readonly phoneRegions: readonly string[];
}

export interface SecretsRule {
  readonly kind: 'secrets';
  readonly action: GuardrailAction;
}

export interface WordsRule {
  readonly kind: 'words';
  readonly lists: readonly { readonly category: string; readonly phrases: readonly string[]; readonly action: GuardrailAction }[];
  /** What stands inside of these is not found. */
  readonly allowed: readonly string[];
  readonly patterns: readonly { readonly category: string; readonly pattern: string; readonly action: GuardrailAction }[];
}

export interface InjectionRule {
  readonly kind: 'prompt_injection';
  /** From this score (0 to 1) on a text is blocked. */
  readonly threshold: number;
}

export interface LimitsRule {
  readonly kind: 'limits';
  /** Of all texts together. */
  readonly maxChars: number | undefined;
  readonly maxMessages: number | undefined;
  /** ISO 639-1 codes; undefined: any. */
  readonly languages: readonly string[] | undefined;
}

export interface ToolsRule {
  readonly kind: 'tools';
  readonly rules: readonly ToolPermission[];
  /** Of tools that no rule names. */
  readonly isAllowed: boolean;
  /** False: tools that are not allowed are taken out of the request. */
  readonly blocks: boolean;
}

export interface ToolPermission {
  readonly id: string;
  /** A tool's name, `*` for any part of it. */
  readonly tool: string;
  readonly isAllowed: boolean;
  /** Argument's path (`to`, `to[]`, `a.b`) → an expression that the whole of it must match. */
  readonly args: Readonly<Record<string, string>>;
}

export interface SchemaRule {
  readonly kind: 'json_schema';
  /** Undefined: the one that the request's `response_format` has. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** A model whose answer does not have it is asked once more, with what is wrong. */
  readonly repair: boolean;
}

/** LiteLLM's name for Amazon's guardrails, which is a provider's too. */
export const AMAZON_GUARDRAILS = 'bedrock';
export const EXTERNAL_SERVICES = ['openai_moderation', 'presidio', AMAZON_GUARDRAILS, 'lakera_v2', 'generic_guardrail_api'] as const;
export type ExternalService = (typeof EXTERNAL_SERVICES)[number];

export interface ExternalRule {
  readonly kind: 'external';
  readonly service: ExternalService;
  /** With its path, where the service has one below a base. */
  readonly url: string;
  /** Presidio's second one. */
  readonly anonymizerUrl?: string | undefined;
  readonly apiKey: SecretRef | undefined;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** OpenAI's model; Lakera's project; the guardrail's id, version and region at AWS; Presidio's entities and language. */
  readonly options: Readonly<Record<string, string>>;
  readonly entities: Readonly<Record<string, GuardrailAction>> | undefined;
  readonly aws?:
    | { readonly accessKeyId: SecretRef; readonly secretAccessKey: SecretRef; readonly sessionToken: SecretRef | undefined }
    | undefined;
}

/** All of it; `undefined` in the configuration where no guardrail is configured. */
export interface GuardrailsSettings {
  readonly list: readonly GuardrailSettings[];
  /** Hosts of external guardrails that may have private addresses. */
  readonly allowedPrivateHosts: readonly string[];
  /** Requests of virtual keys may switch off those that are on by default; else only keys with the permission may. */
  readonly mayBeSwitchedOff: boolean;
}
