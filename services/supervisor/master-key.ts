import { MASTER_KEY_VARIABLES, objectToMasterKey } from '#config';
import { join } from 'node:path';
import type { Environment } from '#runtime';
import type { ConfigSecret } from './read-config.ts';
import { randomSecret, readSecretFile, writeSecretFile } from './secret-file.ts';
import { UpError } from './up-error.ts';

export interface MasterKey {
  readonly key: string;
  /** Where a person finds it; never the key itself. */
  readonly place: MasterKeyPlace;
}

export type MasterKeyPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly variable: string }
  /** Written into the configuration file as it is. */
  | { readonly kind: 'config' };

export interface MasterKeyOptions {
  readonly dataDir: string;
  readonly env: Environment;
  readonly fromConfig: ConfigSecret | undefined;
}

/** The administrator's key: environment, else configuration, else one made once and kept in `<data>/master-key`, mode 600. */
export function resolveMasterKey({ dataDir, env, fromConfig }: MasterKeyOptions): MasterKey {
  for (const variable of MASTER_KEY_VARIABLES) {
    const key = env[variable];
    if (key !== undefined && key !== '') return { key, place: { kind: 'environment', variable } };
  }
  if (fromConfig !== undefined) {
    const { value, variable } = fromConfig;
    return { key: value, place: variable === undefined ? { kind: 'config' } : { kind: 'environment', variable } };
  }
  const path = join(dataDir, 'master-key');
  const kept = readSecretFile(path);
  if (kept !== undefined) return { key: kept, place: { kind: 'file', path } };
  const key = `sk-${randomSecret()}`;
  writeSecretFile(path, `${key}\n`);
  return { key, place: { kind: 'file', path } };
}

export interface MasterKeyCheck {
  readonly host: string;
  readonly isWeakAllowed: boolean;
  readonly warn: (text: string) => void;
}

/** Warns of a key that can be guessed. Throws `UpError` where others can reach the gateway. */
export function checkMasterKey({ key, place }: MasterKey, { host, isWeakAllowed, warn }: MasterKeyCheck): void {
  const objection = objectToMasterKey({ key, source: sourceOf(place), host, isWeakAllowed });
  if (objection === undefined) return;
  if (objection.isRefused) throw new UpError(objection.message);
  warn(objection.message);
}

function sourceOf(place: MasterKeyPlace): string {
  switch (place.kind) {
    case 'file':
      return place.path;
    case 'environment':
      return `environment variable ${place.variable}`;
    case 'config':
      return 'general_settings.master_key';
  }
}
