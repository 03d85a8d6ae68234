import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createQueueClient, ownerOfKey, type QueueClient } from '#client';
import { BUS_OPERATOR } from '#contracts';
import { type Environment, natsUrl } from '#runtime';
import { ApiError, isRecord } from './gateway-api.ts';

export interface QueueFlags {
  readonly nats?: string | undefined;
  readonly key?: string | undefined;
  readonly dataDir?: string | undefined;
}

/** Adds the flag that says which queue; whose jobs they are is said by the key. */
export function withQueueFlags(command: Command): Command {
  return command.option('--nats <address>', 'nats://<seed>@host:port of a publisher (env: NATS_URL; default: the one in the data folder)');
}

/** The queue as the virtual key's owner has it. Throws `ApiError` for what is missing. */
export async function openQueue(flags: QueueFlags, env: Environment): Promise<QueueClient> {
  const key = flags.key ?? (env['HEADRACE_API_KEY'] || undefined);
  if (key === undefined) throw new ApiError('no virtual key: give the one that pays with --key or HEADRACE_API_KEY');
  const dataDir = resolve(flags.dataDir ?? env['HEADRACE_HOME'] ?? '.headrace');
  const url = flags.nats ?? (env['NATS_URL'] || undefined) ?? addressIn(dataDir);
  if (url === undefined) throw new ApiError(`no queue in ${dataDir}: name one with --nats or NATS_URL`);
  return createQueueClient({ owner: ownerOfKey(key.trim()), connection: { url } });
}

/** `headrace up` keeps what its own server is reached with; whoever may read that may use it. */
function addressIn(dataDir: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dataDir, 'nats', 'credentials.json'), 'utf8'));
    if (!isRecord(value) || typeof value['port'] !== 'number' || typeof value['password'] !== 'string') return undefined;
    return natsUrl({ port: value['port'], user: BUS_OPERATOR, password: value['password'] });
  } catch {
    return undefined;
  }
}
