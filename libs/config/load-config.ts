import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { builtinConfig } from './builtin-config.ts';
import { ConfigError } from './config-error.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseConfigText, type SourceText } from './parse-config.ts';
import type { KnownProviders } from './sections/split-model.ts';
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
  const { file, env } = options;
  if (file === undefined) return builtinConfig();
  const { config, variables } = parseConfigText(readText(file), { ...options, file, readInclude });
  for (const [name, value] of Object.entries(variables)) env[name] = value;
  return config;
}

/** `include` is relative to the file that names it. */
function readInclude(include: string, from: string): SourceText {
  const name = resolve(dirname(from), include);
  return { name, text: readText(name) };
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
