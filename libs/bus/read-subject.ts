import { jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './connect.ts';

/** The answer to a direct get of a subject without messages. */
const NO_MESSAGES = 404;

/**
 * The last message of one subject, by a request that names the subject, so that permissions can say who may ask for it. Undefined when there
 * is none, or not yet at the replica that answered. Rejects while the server can't say.
 */
export async function readSubject(bus: Bus, stream: string, subject: string): Promise<Uint8Array | undefined> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false, apiPrefix: bus.apiPrefix });
  try {
    return (await manager.direct.getMessage(stream, { last_by_subj: subject }))?.data;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NO_MESSAGES) return undefined;
    throw error;
  }
}
