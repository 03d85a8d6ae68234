import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Publisher } from '#contracts';

/** Where the publishers of a gateway on this machine stand; its server is told of every change. */
export function publishersFile(dataDir: string): string {
  return join(dataDir, 'nats', 'publishers.json');
}

/** The publishers in a file; none where there is no file. Throws for a file that is not one of ours. */
export function readPublishers(file: string): readonly Publisher[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every(isPublisher)) return value;
  throw new Error(`${file} is not a list of publishers`);
}

/** Whole or not at all, readable by its owner alone. */
export function writePublishers(file: string, publishers: readonly Publisher[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(publishers, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** What stands in a subject of the server's configuration must be one token. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const PUBLIC_KEY = /^U[A-Z2-7]{55}$/;

function isPublisher(value: unknown): value is Publisher {
  if (typeof value !== 'object' || value === null || !('owner' in value) || !('nkey' in value) || !('name' in value)) return false;
  const { owner, nkey, name } = value;
  return typeof name === 'string' && typeof owner === 'string' && TOKEN.test(owner) && typeof nkey === 'string' && PUBLIC_KEY.test(nkey);
}
