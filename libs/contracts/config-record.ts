/**
 * What of the configuration was set over HTTP, in the bucket `config`, one entry per model and section. Written by admin only; ingresses, workers
 * and accounting join it to their `config.yaml`. Secrets in it are sealed (`libs/config/stored`), and only workers open them.
 */
export type ConfigRecord = ModelRecord | SettingsRecord | CredentialRecord | HoldRecord;

/** One entry as `model_list` has them. */
export interface ModelRecord {
  readonly v: 1;
  readonly kind: 'model';
  /** The deployment's id, unique among those of the file too. */
  readonly id: string;
  readonly modelName: string;
  readonly litellmParams: Readonly<Record<string, unknown>>;
  readonly modelInfo: Readonly<Record<string, unknown>>;
  /** Kept, shown, and not used. */
  readonly blocked?: boolean | undefined;
  /** For this team's keys alone. */
  readonly teamId?: string | undefined;
}

export const STORED_SECTIONS = ['router_settings', 'litellm_settings'] as const;
export type StoredSection = (typeof STORED_SECTIONS)[number];

/** Settings that go before those of the file, field by field. */
export interface SettingsRecord {
  readonly v: 1;
  readonly kind: 'settings';
  readonly section: StoredSection;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What models name by `litellm_params.litellm_credential_name`: parameters that they have in common, an API key above all. */
export interface CredentialRecord {
  readonly v: 1;
  readonly kind: 'credential';
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** `pause`: what waits stays where it is until it is resumed; `drain`: what waits goes on to other deployments. Nothing is started in either. */
export const HOLD_MODES = ['pause', 'drain'] as const;
export type HoldMode = (typeof HOLD_MODES)[number];

/** An operator holds back a provider, a tier, or one tier of one provider. Kept in the bucket alone. */
export interface HoldRecord {
  readonly v: 1;
  readonly kind: 'hold';
  /** All of them when absent; one of the two is there. */
  readonly provider?: string | undefined;
  readonly tier?: string | undefined;
  readonly mode: HoldMode;
  /** Unix milliseconds. */
  readonly since: number;
  /** Who did it, as the audit log names callers. */
  readonly by: string;
  readonly reason?: string | undefined;
}

type ConfigName =
  | Pick<ModelRecord, 'kind' | 'id'>
  | Pick<SettingsRecord, 'kind' | 'section'>
  | Pick<CredentialRecord, 'kind' | 'name'>
  | Pick<HoldRecord, 'kind' | 'provider' | 'tier'>;

/** The record's key in the bucket: ids and names are free text, keys of buckets are not. */
export function configEntry(record: ConfigName): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  switch (record.kind) {
    case 'model':
      return `model.${encode(record.id)}`;
    case 'credential':
      return `credential.${encode(record.name)}`;
    case 'settings':
      return `settings.${record.section}`;
    case 'hold':
      return `hold.${encode(JSON.stringify([record.provider ?? null, record.tier ?? null]))}`;
  }
}

export function decodeConfigRecord(text: string): ConfigRecord | undefined {
  const value = JSON.parse(text) as ConfigRecord;
  if (value.v !== 1) return undefined;
  if (value.kind === 'settings') return isObject(value.values) && STORED_SECTIONS.includes(value.section) ? value : undefined;
  if (value.kind === 'hold') return HOLD_MODES.includes(value.mode) && (value.provider ?? value.tier) !== undefined ? value : undefined;
  if (value.kind === 'credential') return typeof value.name === 'string' && isObject(value.values) ? value : undefined;
  const isModel = value.kind === 'model' && typeof value.id === 'string' && typeof value.modelName === 'string';
  return isModel && isObject(value.litellmParams) && isObject(value.modelInfo) ? value : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
