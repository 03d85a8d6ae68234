import type { ProviderRecord, ProviderSetting } from '../provider-record.ts';

type Lookup = (name: string) => string | undefined;

export interface SettingSources {
  /** A parameter of the deployment, resolved. */
  readonly param: Lookup;
  readonly env: Lookup;
}

/** The values of a provider's placeholders; those that nobody gave are not in it. Empty texts count as not given. */
export function settingValues(provider: ProviderRecord, sources: SettingSources): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, setting] of Object.entries(provider.settings ?? {})) {
    const value = valueOf(setting, sources);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

function valueOf(setting: ProviderSetting, { param, env }: SettingSources): string | undefined {
  const given = firstOf(setting.params, param) ?? firstOf(setting.env, env) ?? setting.fallback;
  if (given === undefined || setting.values === undefined) return given;
  return setting.values[given] ?? setting.values['*']?.replaceAll('{value}', given);
}

function firstOf(names: readonly string[], lookup: Lookup): string | undefined {
  return names.map(lookup).find((value) => value !== undefined && value !== '');
}

/** How a person sets what is missing, for messages: `vertex_project or VERTEXAI_PROJECT`. */
export function settingNames(provider: ProviderRecord, placeholder: string): string {
  const setting = provider.settings?.[placeholder];
  return [...(setting?.params ?? []), ...(setting?.env ?? [])].join(' or ') || placeholder;
}

/** Settings that the ways of authentication read, beside those that a record names. */
const AUTH_PARAMS: Readonly<Record<ProviderRecord['auth']['kind'], readonly string[]>> = {
  bearer: [],
  header: [],
  query: [],
  none: [],
  aws: [
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
    'aws_region_name',
    'aws_profile_name',
    'aws_role_name',
    'aws_session_name',
    'aws_external_id',
    'aws_web_identity_token',
    'aws_sts_endpoint',
  ],
  'google-oauth': ['vertex_credentials', 'vertex_ai_credentials'],
  'entra-id': ['azure_ad_token', 'azure_scope', 'azure_authority_host', 'tenant_id', 'client_id', 'client_secret'],
  'ibm-iam': ['token', 'zen_api_key', 'watsonx_apikey', 'iam_url'],
  'workspace-oauth': ['client_id', 'client_secret'],
};

/** Every parameter of a deployment that means something to the provider, for a warning about those that don't. */
export function settingParams(provider: ProviderRecord): ReadonlySet<string> {
  const named = Object.values(provider.settings ?? {}).flatMap((setting) => setting.params);
  return new Set([...named, ...(provider.baseParams ?? []), ...AUTH_PARAMS[provider.auth.kind]]);
}
