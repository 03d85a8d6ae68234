import type { GeneralSettings, LitellmSettings } from '../gateway-config.ts';
import { placeText, type Reading } from '../reading.ts';
import { toSecretRef } from '../secret-ref.ts';
import { readBoolean, readNumber, readSecret } from '../values.ts';
import type { Fields } from './read-section.ts';

const MEGABYTE = 1024 * 1024;

export const DEFAULT_GENERAL: GeneralSettings = {
  masterKey: undefined,
  databaseUrl: undefined,
  /** Room for images of 20 MB in base64 with their conversation. */
  maxRequestBytes: 25 * MEGABYTE,
  /** Four times what OpenAI takes of sound; files are streamed, not held. */
  maxUploadBytes: 100 * MEGABYTE,
};
export const DEFAULT_LITELLM: LitellmSettings = { dropParams: false, requireAuthForMetrics: false };

/** Reads `general_settings`; `variables` are the file's `environment_variables`, where LiteLLM users put DATABASE_URL too. */
export function readGeneral(fields: Fields, variables: Readonly<Record<string, string>>, reading: Reading): GeneralSettings {
  const bytes = (key: string): number | undefined => {
    const megabytes = readNumber(fields.get(key), { min: 0.001, unit: 'megabytes' }, reading);
    return megabytes === undefined ? undefined : Math.round(megabytes * MEGABYTE);
  };
  const fromVariables = variables['DATABASE_URL'];
  const databaseUrl = readSecret(fields.get('database_url'), 'the database', reading);
  if (databaseUrl !== undefined && 'literal' in databaseUrl && !/^postgres(?:ql)?:\/\//.test(databaseUrl.literal)) {
    const node = fields.get('database_url');
    if (node !== undefined) reading.problem(node, 'must begin with postgresql://', { hideValue: true });
  }
  return {
    masterKey: readSecret(fields.get('master_key'), 'the master key', reading),
    databaseUrl: databaseUrl ?? (fromVariables === undefined ? undefined : toSecretRef(fromVariables)),
    maxRequestBytes: bytes('max_request_size_mb') ?? DEFAULT_GENERAL.maxRequestBytes,
    maxUploadBytes: bytes('max_file_size_mb') ?? DEFAULT_GENERAL.maxUploadBytes,
  };
}

/** Reads `litellm_settings`, and what LiteLLM's users write into either section. */
export function readLitellm(fields: Fields, general: Fields, reading: Reading): LitellmSettings {
  const usage = [general, fields].map((section) => readBoolean(section.get('always_include_stream_usage'), reading));
  readJsonLogs(fields, reading);
  return {
    dropParams: readBoolean(fields.get('drop_params'), reading) ?? DEFAULT_LITELLM.dropParams,
    requireAuthForMetrics: readBoolean(fields.get('require_auth_for_metrics_endpoint'), reading) ?? DEFAULT_LITELLM.requireAuthForMetrics,
    alwaysStreamUsage: usage.find((on) => on !== undefined),
  };
}

/** Logs are JSON whatever it says. */
function readJsonLogs(fields: Fields, reading: Reading): void {
  const node = fields.get('json_logs');
  if (node === undefined || readBoolean(node, reading) !== false) return;
  reading.warn('json_logs', `${placeText(node)}: litellm_settings.json_logs: false has no effect: all logs are JSON`);
}
