import { type Bus, openConfigBucket } from '#bus';
import {
  type ConfigLoader,
  createConfigLoader,
  createLiveConfig,
  createSealing,
  type GatewayConfig,
  type LiveConfig,
  type ReadStoredOptions,
  resolveSecret,
  saltKeyFrom,
  type Sealing,
} from '#config';
import { configProviders } from '#providers';

/** The part of a service that its configuration needs; a `ServiceContext` has all of it. */
export interface ConfiguredService {
  readonly settings: {
    readonly configFile?: string | undefined;
    readonly saltKey?: string | undefined;
    readonly masterKey?: string | undefined;
  };
  readonly env: Record<string, string | undefined>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly releases: { add(name: string, release: () => unknown): void };
}

export interface OpenLiveConfigOptions {
  /** This process calls providers: it opens the secrets of stored models. */
  readonly needsSecrets?: boolean | undefined;
}

/** The file's configuration, and what comes to it while the process runs. */
export interface LoadedConfig extends LiveConfig {
  /** Joins what is stored; resolves when it is in. Whatever changes from then on is in within moments. */
  follow(bus: Bus): Promise<void>;
  /** The file's configuration with other settings than the stored ones. Throws `ConfigError`. */
  load: ConfigLoader;
  /** What stored models are read with here. */
  readonly readOptions: Pick<ReadStoredOptions, 'env' | 'providers' | 'keyedProviders'>;
}

/** Loads the configuration a service starts with, so that a wrong file stops it before anything else. Throws `ConfigError`. */
export function loadLiveConfig(service: ConfiguredService, options: OpenLiveConfigOptions = {}): LoadedConfig {
  const { settings, env, log, releases } = service;
  const known = configProviders(env);
  const load = createConfigLoader({ file: settings.configFile, env, ...known });
  const needsSecrets = options.needsSecrets === true;
  const sealing = needsSecrets ? sealingOf(service, () => load().general.masterKey) : undefined;
  const live = createLiveConfig({
    load,
    stored: { env, ...known, sealing, needsSecrets },
    onProblem: ({ name, message }) => log.warn({ stored: name, problem: message }, 'a stored model or setting can not be used here'),
    now: Date.now,
  });
  return {
    ...live,
    load,
    readOptions: { env, ...known },
    async follow(bus) {
      const bucket = await openConfigBucket(bus);
      const unwatch = await bucket.watch((records) => {
        live.apply(records.values());
        log.info({ stored: records.size, deployments: live.config.deployments.length }, 'configuration joined with what is stored');
      });
      releases.add('stored configuration', unwatch);
    },
  };
}

/** What seals and opens secrets in this installation: by its salt key, else by its master key. Undefined where it has neither. */
export function sealingOf(
  { settings, env }: Pick<ConfiguredService, 'settings' | 'env'>,
  masterKeyRef: () => GatewayConfig['general']['masterKey'],
): Sealing | undefined {
  if (settings.saltKey !== undefined) return createSealing(settings.saltKey);
  const masterKey = settings.masterKey ?? resolveSecret(masterKeyRef(), env);
  return masterKey === undefined ? undefined : createSealing(saltKeyFrom(masterKey));
}
