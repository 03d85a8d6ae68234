import { hash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus, openKeysBucket, openScopesBucket } from '#bus';
import type { KeyRecord, ScopeRecord } from '#contracts';
import { natsUrl } from '#runtime';
import type { RunningHeadrace } from '#testing';

const LOG = { info: () => undefined, warn: () => undefined };

/** A virtual key that admission knows and no database: with any limits, those that the API would not take included. */
export async function createLimitedKey(headrace: RunningHeadrace, record: Partial<KeyRecord>): Promise<string> {
  const key = `sk-${randomBytes(16).toString('hex')}`;
  await withBus(headrace, async (bus) => {
    const keys = await openKeysBucket(bus);
    await keys.put({ v: 1, hash: hash('sha256', key), masked: 'sk-…test', models: [], blocked: false, ...record });
  });
  return key;
}

export async function putScope(headrace: RunningHeadrace, record: Omit<ScopeRecord, 'v'>): Promise<void> {
  await withBus(headrace, async (bus) => (await openScopesBucket(bus)).put({ v: 1, ...record }));
}

/** The name under which the ledger has its calls. */
export function hashOf(key: string): string {
  return hash('sha256', key);
}

export async function withBus<T>(headrace: RunningHeadrace, use: (bus: Bus) => Promise<T>): Promise<T> {
  const file = join(headrace.dataDir, 'nats', 'credentials.json');
  const { port, password } = JSON.parse(await readFile(file, 'utf8')) as { port: number; password: string };
  const bus = await connectBus({ url: natsUrl({ port, user: 'headrace', password }), name: 'test', log: LOG });
  try {
    return await use(bus);
  } finally {
    await bus.close();
  }
}
