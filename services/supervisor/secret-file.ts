import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** 32 random bytes as text that needs no escaping in a URL, a shell or a configuration file. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Writes a file only its owner can read, whole or not at all. */
export function writeSecretFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

/** The file's text without surrounding blanks; `undefined` when there is none or it is empty. */
export function readSecretFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
