import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { EVENTS_STREAM } from '#contracts';
import { waitFor } from '#testing';
import { ask, budget, kinds, times, toLead, useAdmission } from './support/use-admission.ts';

/** A leader whom nobody needs reads no events. Real NATS and Postgres. */
const { finish, fits, putKey, startReplica, under } = useAdmission();
const listeners = async () => (await (await jetstreamManager(under.bus.nc)).streams.info(EVENTS_STREAM)).state.consumer_count;

test('while nobody has limits the leader follows no events; the first limit that is set counts from its first request on', async () => {
  const leader = await startReplica('leader');
  await toLead(leader);
  for (const _ of times(3, () => 0)) await finish(ask(), '1');
  expect(await listeners()).toBe(0);
  await putKey('k1', budget('0.5'));
  const [first, second] = [ask({ mostUsd: '0.3' }), ask({ mostUsd: '0.3', deadlineAt: Date.now() + 300 })];
  expect(kinds(await under.ingress.ask([first]))).toEqual(['admitted']);
  expect(await listeners()).toBe(1);
  expect(kinds(await under.ingress.ask([second]))).toEqual(['budget']);
  await finish(first, '0.1');
  await waitFor(() => fits('0.4'), { what: 'the rest to be free' });
  expect(await fits('0.41')).toBe(false);
});
