import type { Environment } from '#runtime';

/** What any process may need from the machine: nothing here is a secret. */
const MACHINE_VARIABLES =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|NODE_ENV|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy)$/;

/** Ours alone, or given to single services on purpose. */
const WITHHELD_FROM_WORKER = new Set([
  'DATABASE_URL',
  'HEADRACE_MASTER_KEY',
  'LITELLM_MASTER_KEY',
  'PORT',
  'HOST',
  'HEADRACE_PROBE_PORT',
  'HEADRACE_ADMIN_URL',
  'HEADRACE_BATCHES_URL',
]);

export interface ServiceEnvironmentOptions {
  readonly env: Environment;
  /** Variables the configuration reads for settings that are no secrets: every service loads the configuration. */
  readonly settingNames: ReadonlySet<string>;
  /** Variables the configuration takes the master key and the database's address from. */
  readonly administration: ReadonlySet<string>;
  /** Goes to every service: addresses, log level, where the configuration is. */
  readonly common: Readonly<Record<string, string | undefined>>;
}

/**
 * The environment of one service. The worker calls providers and gets everything but the database and the administrator's key; the
 * others get what the machine needs and what the configuration reads, no provider key.
 */
export function serviceEnvironment(
  service: string,
  extra: Readonly<Record<string, string | undefined>>,
  options: ServiceEnvironmentOptions,
): Record<string, string> {
  const isKept =
    service === 'worker'
      ? (name: string) => !WITHHELD_FROM_WORKER.has(name) && !options.administration.has(name)
      : (name: string) => MACHINE_VARIABLES.test(name) || options.settingNames.has(name);
  const inherited = Object.entries(options.env).filter(([name]) => isKept(name));
  const merged = [...inherited, ...Object.entries(options.common), ...Object.entries(extra)];
  return Object.fromEntries(merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
