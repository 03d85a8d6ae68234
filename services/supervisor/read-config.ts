import { ConfigError, describeConfigError, type GatewayConfig, loadConfig, resolveSecret, type SecretRef } from '#config';
import { configProviders, findProvider } from '#providers';
import type { Environment } from '#runtime';
import { environmentReferences } from './environment-references.ts';
import { UpError } from './up-error.ts';

/** A secret of the configuration and the variable it comes from, if it comes from one. */
export interface ConfigSecret {
  readonly value: string;
  readonly variable: string | undefined;
}

export interface UpConfig {
  readonly config: GatewayConfig;
  readonly masterKey: ConfigSecret | undefined;
  readonly databaseUrl: ConfigSecret | undefined;
  /** A deployment is served by the sandbox service of this product. */
  readonly needsSandbox: boolean;
  /** Environment variables the configuration reads for something that is no secret. */
  readonly settingNames: ReadonlySet<string>;
}

/** Loads the configuration before anything is started. Throws `UpError` with every problem, its place and its fix. */
export function readUpConfig(file: string | undefined, env: Environment): UpConfig {
  const config = loadOrThrow(file, env);
  const { masterKey, databaseUrl } = config.general;
  const secretNames = new Set(secretRefs(config).map(variableOf));
  const references = config.file === undefined ? [] : [...environmentReferences(config.file)];
  return {
    config,
    masterKey: readSecret(masterKey, env),
    databaseUrl: readSecret(databaseUrl, env),
    needsSandbox: config.deployments.some((deployment) => isServedBySandbox(deployment.provider)),
    settingNames: new Set(references.filter((name) => !secretNames.has(name))),
  };
}

function loadOrThrow(file: string | undefined, env: Environment): GatewayConfig {
  try {
    return loadConfig({ file, env, ...configProviders(env) });
  } catch (error) {
    if (error instanceof ConfigError) throw new UpError(describeConfigError(error), { cause: error });
    throw error;
  }
}

/** The provider table says where each provider's address comes from; the sandbox's comes from the variable that we set. */
function isServedBySandbox(provider: string): boolean {
  return findProvider(provider)?.envBase?.includes('HEADRACE_SANDBOX_URL') ?? false;
}

function readSecret(ref: SecretRef | undefined, env: Environment): ConfigSecret | undefined {
  const value = resolveSecret(ref, env);
  return value === undefined ? undefined : { value, variable: ref && variableOf(ref) };
}

function variableOf(ref: SecretRef): string | undefined {
  return 'env' in ref ? ref.env : undefined;
}

function secretRefs(config: GatewayConfig): SecretRef[] {
  const { masterKey, databaseUrl } = config.general;
  const ofDeployments = config.deployments.flatMap(({ apiKey, apiBase, extraHeaders, settings = {} }) => [
    apiKey,
    apiBase,
    ...Object.values(extraHeaders),
    ...Object.values(settings),
  ]);
  return [masterKey, databaseUrl, ...ofDeployments].filter((ref) => ref !== undefined);
}
