import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { builtinConfig } from './builtin-config.ts';
import { ConfigError } from './config-error.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseConfigText, type SourceText } from './parse-config.ts';
import type { KnownProviders } from './sections/split-model.ts';
import type { Credentials } from './stored/open-credentials.ts';
import type { StoredSettings } from './stored/stored-settings.ts';
import { fileProblem, MAX_FILE_BYTES, tooLarge } from './source/source-file.ts';

export interface LoadOptions {
  /** Undefined: the built-in sandbox models. */
  readonly file: string | undefined;
  /** The file's `environment_variables` are set in it where they are not set yet, as LiteLLM does: pass `process.env`. */
  readonly env: Record<string, string | undefined>;
  readonly providers: KnownProviders;
  /** Providers whose usual API key is in the environment: what `model: "*"` stands for. */
  readonly keyedProviders?: readonly string[] | undefined;
}

/** Loads the configuration a service starts with. Throws `ConfigError` with everything that is wrong. */
export function loadConfig(options: LoadOptions): GatewayConfig {
  return createConfigLoader(options)();
}

/** Reads the file with what is stored. */
export type ConfigLoader = (settings?: StoredSettings, credentials?: Credentials) => GatewayConfig;

/**
 * The same for a process that loads it again with other stored settings. Files are read once: what is written into them while it runs counts from
 * its next start on, in this process as in all others.
 */
export function createConfigLoader(options: LoadOptions): ConfigLoader {
  const { file, env } = options;
  const texts = new Map<string, string>();
  const readOnce = (name: string): string => {
    const text = texts.get(name) ?? readText(name);
    texts.set(name, text);
    return text;
  };
  /** `include` is relative to the file that names it. */
  const readInclude = (include: string, from: string): SourceText => {
    const name = resolve(dirname(from), include);
    return { name, text: readOnce(name) };
  };
  return (settings, credentials) => {
    if (file === undefined) return builtinWith(settings, options);
    const { config, variables } = parseConfigText(readOnce(file), { ...options, file, readInclude, settings, credentials });
    for (const [name, value] of Object.entries(variables)) env[name] = value;
    return config;
  };
}

/** The built-in models under stored settings: as if these were the file. */
function builtinWith(settings: StoredSettings | undefined, options: LoadOptions): GatewayConfig {
  const builtin = builtinConfig();
  if (settings === undefined || Object.keys(settings).length === 0) return builtin;
  const { config } = parseConfigText('{router_settings: {}, litellm_settings: {}}', { ...options, file: 'stored settings', settings });
  const { deployments, file, warnings } = builtin;
  return { ...config, deployments, file, warnings };
}

function readText(file: string): string {
  try {
    const stats = statSync(file);
    if (stats.isDirectory())
      throw new ConfigError([fileProblem(file, 'is a directory, not a file', 'name the file, for example config.yaml in it')]);
    if (stats.size > MAX_FILE_BYTES) throw new ConfigError([tooLarge(file, stats.size)]);
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([unreadable(file, error)]);
  }
}

function unreadable(file: string, error: unknown) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT') return fileProblem(file, 'the file does not exist', 'check the path given with --config or HEADRACE_CONFIG');
  if (code === 'EACCES') return fileProblem(file, 'the file may not be read by this user', 'change its owner or mode');
  return fileProblem(file, `the file can't be read (${code})`, undefined);
}
