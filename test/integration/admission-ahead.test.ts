import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishCore } from '#bus';
import { ADMISSION_SUBJECT, type AdmissionCall } from '#contracts';
import { waitFor } from '#testing';
import { type AdmissionClient, createAdmissionClient } from '../../services/ingress/limits/admission-client.ts';
import { createAdmissionLink } from '../../services/ingress/limits/admission-link.ts';
import { ask, budget, kinds, times, toLead, useAdmission } from './support/use-admission.ts';

/** Tickets that an ingress has ahead of its calls are nobody's: whoever needs them gets them. Real NATS and Postgres. */
const { putKey, startReplica, under } = useAdmission();

const CALLS = 8;
let client: AdmissionClient;
let ids = 0;

beforeEach(async () => {
  await putKey('slots', { parallel: 40 });
  await putKey('minute', { rpm: 100 });
  await putKey('dollar', budget('1'));
  await toLead(await startReplica('leader'));
  client = createAdmissionClient({
    ingressId: 'in2',
    link: createAdmissionLink(under.bus, 'in2'),
    newJobId: () => `ahead-${(ids += 1)}`,
    now: Date.now,
    onStop: () => undefined,
  });
});
afterEach(() => client.close());

/** Calls until there are tickets ahead; the number of calls. */
async function untilAhead(keyHash: string): Promise<number> {
  const by = { keyHash };
  let calls = 0;
  const callSome = async (): Promise<boolean> => {
    const answers = await Promise.all(times(CALLS, () => client.ask(ask({ by, mostUsd: '0.01' }))));
    expect(kinds(answers)).toEqual(times(CALLS, () => 'admitted'));
    calls += CALLS;
    await waitFor(() => client.open > calls, { what: 'tickets ahead', timeoutMs: 300 }).catch(() => undefined);
    return client.open > calls;
  };
  await waitFor(callSome, { what: 'tickets ahead', intervalMs: 1 });
  return calls;
}

describe('what one ingress has ahead, another gets', () => {
  test('parallel slots, to the last', async () => {
    const calls = await untilAhead('slots');
    const answers = await under.ingress.ask(times(60, () => ask({ by: { keyHash: 'slots' } })));
    expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(40 - calls);
    expect(client.open).toBe(calls);
  });

  test('requests of the minute, to the last', async () => {
    const calls = await untilAhead('minute');
    const answers = await under.ingress.ask(times(150, () => ask({ by: { keyHash: 'minute' } })));
    expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(100 - calls);
    const left = answers.flatMap((answer) => (answer.admitted ? Number(answer.remaining?.[0]?.remaining) : []));
    expect(Math.min(...left)).toBe(0);
  });

  test('what is left of a budget, to the last cent', async () => {
    const calls = await untilAhead('dollar');
    const many = times(150, () => ask({ by: { keyHash: 'dollar' }, mostUsd: '0.01' }));
    under.ingress.send(many);
    await waitFor(() => under.ingress.answers.size === 100 - calls, { what: 'all that the budget has room for' });
    client.close();
    expect(kinds([...under.ingress.answers.values()]).every((kind) => kind === 'admitted')).toBe(true);
    expect(under.ingress.answers.size).toBe(100 - calls);
  });

  test('where limits are lowered below them', async () => {
    const calls = await untilAhead('slots');
    await putKey('slots', { parallel: calls + 1 });
    await waitFor(() => client.open === calls, { what: 'tickets to be given back' });
    expect(kinds(await under.ingress.ask(times(3, () => ask({ by: { keyHash: 'slots' } }))))).toEqual(['admitted', 'parallel', 'parallel']);
  });
});

test('an ingress that does not give back holds nobody up', async () => {
  const call: AdmissionCall = {
    type: 'spares',
    ingress: 'dead',
    batch: 1,
    like: ask({ by: { keyHash: 'slots' } }),
    jobs: times(10, (index) => `lost-${index}`),
  };
  publishCore(under.bus, ADMISSION_SUBJECT, Buffer.from(JSON.stringify(call)));
  const answers = await under.ingress.ask(times(60, () => ask({ by: { keyHash: 'slots' } })));
  expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(30);
});

test('none are given where less than half of a limit would be left', async () => {
  const by = { keyHash: 'slots' };
  let calls = 20;
  expect(kinds(await Promise.all(times(calls, () => client.ask(ask({ by })))))).toEqual(times(calls, () => 'admitted'));
  // over several of its ticks: it asks for some, and is told that there are none
  const callMore = async (): Promise<boolean> => {
    expect(kinds([await client.ask(ask({ by }))])).toEqual(['admitted']);
    calls += 1;
    return calls === 30;
  };
  await waitFor(callMore, { what: 'ten calls more', intervalMs: 60 });
  expect(client.open).toBe(calls);
  const answers = await under.ingress.ask(times(20, () => ask({ by })));
  expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(10);
});
