import { isSealed } from './stored/sealing.ts';

/**
 * A literal from the file, the name of an environment variable (`os.environ/NAME`), or the sealed secret of a stored model where this process
 * does not open them (`stored/sealing.ts`).
 */
export type SecretRef = { readonly literal: string } | { readonly env: string } | { readonly sealed: string };

export const ENV_PREFIX = 'os.environ/';

/** The variable a text like `os.environ/NAME` names; undefined for any other text. The name may be empty or malformed. */
export function environmentName(text: string): string | undefined {
  return text.startsWith(ENV_PREFIX) ? text.slice(ENV_PREFIX.length) : undefined;
}

export function toSecretRef(text: string): SecretRef {
  if (isSealed(text)) return { sealed: text };
  const env = environmentName(text);
  return env === undefined ? { literal: text } : { env };
}

/** The secret itself; undefined when there is none, its variable is not set or empty, or it is sealed. Called where the secret is used, not before. */
export function resolveSecret(ref: SecretRef | undefined, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (ref === undefined) return undefined;
  if ('sealed' in ref) return undefined;
  const value = 'literal' in ref ? ref.literal : env[ref.env];
  return value === '' ? undefined : value;
}
