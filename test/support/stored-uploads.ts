import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectBus } from '#bus';
import { natsUrl } from '#runtime';
import type { RunningHeadrace } from '#testing';

const LOG = { info: () => undefined, warn: () => undefined };

/** Chunks of bodies and uploads that stand in the object store of an embedded queue. */
export async function storedChunks(headrace: RunningHeadrace): Promise<number> {
  const credentials = JSON.parse(await readFile(join(headrace.dataDir, 'nats', 'credentials.json'), 'utf8')) as {
    password: string;
    port: number;
  };
  const url = natsUrl({ port: credentials.port, user: 'headrace', password: credentials.password });
  const bus = await connectBus({ url, name: 'test', log: LOG });
  try {
    const manager = await jetstreamManager(bus.nc);
    const info = await manager.streams.info('OBJ_bodies', { subjects_filter: '$O.bodies.C.>' });
    return Object.values(info.state.subjects ?? {}).reduce((total, count) => total + count, 0);
  } finally {
    await bus.close();
  }
}
