import { randomSecret, readSecretFile, writeSecretFile } from './secret-file.ts';

/** What stays the same for an embedded server from one start to the next, kept mode 600 in the data folder. */
export interface ServerCredentials {
  readonly password: string;
  readonly port: number;
  /** Folder of its data when that is not below the data folder. */
  readonly home?: string | undefined;
}

/** Reads what an earlier start kept; `undefined` at the first start. */
export function readCredentials(file: string): ServerCredentials | undefined {
  const text = readSecretFile(file);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('password' in value) || !('port' in value)) return undefined;
  if (typeof value.password !== 'string' || typeof value.port !== 'number') return undefined;
  const home = 'home' in value && typeof value.home === 'string' ? value.home : undefined;
  return { password: value.password, port: value.port, home };
}

export function writeCredentials(file: string, credentials: ServerCredentials): void {
  writeSecretFile(file, `${JSON.stringify(credentials)}\n`);
}

export function newPassword(): string {
  return randomSecret();
}
