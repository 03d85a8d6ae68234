/** Whoever has the master key has every key, budget and provider of a gateway. */
export interface MasterKeyStanding {
  readonly key: string;
  /** Where it comes from, for people: `environment variable HEADRACE_MASTER_KEY`. */
  readonly source: string;
  /** The address that is listened on. */
  readonly host: string;
  /** `HEADRACE_ALLOW_WEAK_MASTER_KEY` */
  readonly isWeakAllowed: boolean;
}

export interface MasterKeyObjection {
  /** Listening where others can reach it, a gateway with such a key does not start. */
  readonly isRefused: boolean;
  readonly message: string;
}

const SHORTEST = 16;
/** A random key of 16 characters has some twelve different ones. */
const FEWEST_DIFFERENT = 6;
/** Of examples in documentation that are long enough to look real; compared in lower case, without `sk-` and anything but letters and digits. */
const EXAMPLES = new Set([
  '1234567890abcdef',
  '1234567890abcdefghij',
  'yourmasterkeyhere',
  'mysecretmasterkey',
  'litellmmasterkey',
  'changemechangeme',
]);
const ADVICE = 'Make one with: echo "sk-$(openssl rand -hex 24)"';

/** What is wrong with a key as an administrator's; undefined when nothing is. */
export function weaknessOfMasterKey(key: string): string | undefined {
  const core = key
    .toLowerCase()
    .replace(/^sk-/, '')
    .replaceAll(/[^a-z0-9]/g, '');
  if (EXAMPLES.has(core)) return 'is an example that everybody knows';
  if (key.length < SHORTEST) return `has ${key.length} characters, fewer than ${SHORTEST}`;
  return new Set(core).size < FEWEST_DIFFERENT ? 'is a few characters repeated' : undefined;
}

/** What is to be said before a gateway listens with this key; undefined when it is strong, or when somebody has said that it may be weak. */
export function objectToMasterKey({ key, source, host, isWeakAllowed }: MasterKeyStanding): MasterKeyObjection | undefined {
  const weakness = isWeakAllowed ? undefined : weaknessOfMasterKey(key);
  if (weakness === undefined) return undefined;
  const finding = `the master key (${source}) ${weakness}: it can be guessed.`;
  if (isLoopback(host)) return { isRefused: false, message: `${finding} ${ADVICE}` };
  const ways = `${ADVICE}, or listen on 127.0.0.1, or set HEADRACE_ALLOW_WEAK_MASTER_KEY=true`;
  return { isRefused: true, message: `${finding} On ${host} others can reach the gateway, so it does not start. ${ways}` };
}

/** Ours first, then the name a LiteLLM user has set already. */
export const MASTER_KEY_VARIABLES = ['HEADRACE_MASTER_KEY', 'LITELLM_MASTER_KEY'] as const;

/** Where the master key of a process comes from: its environment, else the configuration (`general_settings.master_key`). */
export function masterKeySource(env: Readonly<Record<string, string | undefined>>): string {
  const variable = MASTER_KEY_VARIABLES.find((name) => (env[name] ?? '') !== '');
  return variable === undefined ? 'general_settings.master_key' : `environment variable ${variable}`;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}
