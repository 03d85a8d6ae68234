import { jetstreamManager } from '@nats-io/jetstream';
import { heldSubmissionSubject, SUBMIT_STREAM, submissionSubject, type SubmissionName } from '#contracts';
import type { Bus } from './connect.ts';

/**
 * Deletes all submissions of a group that nobody has accepted yet, those that wait for a limit too; how many there were. One that is being
 * accepted at that moment is not among them. Rejects while NATS is away.
 */
export async function withdrawSubmissions(bus: Bus, name: Omit<SubmissionName, 'id'>): Promise<number> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const all = { ...name, id: '*' };
  let withdrawn = 0;
  for (const filter of [submissionSubject(all), heldSubmissionSubject(all)]) {
    withdrawn += (await manager.streams.purge(SUBMIT_STREAM, { filter })).purged;
  }
  return withdrawn;
}
