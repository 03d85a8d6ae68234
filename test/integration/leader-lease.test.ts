import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, type LeaderLease, openLeaderLease } from '#bus';
import { startNats, type TestNats, waitFor } from '#testing';

const log = { info() {}, warn() {} };
let nats: TestNats;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats?.remove());

interface Contender {
  readonly bus: Bus;
  readonly lease: LeaderLease;
  readonly won: number[];
  lost: number;
}

async function contend(name: string, holder: string): Promise<Contender> {
  const bus = await connectBus({ url: nats.url, name: holder, log });
  const won: number[] = [];
  const contender: { lost: number } = { lost: 0 };
  const onWon = (epoch: number): void => void won.push(epoch);
  const lease = await openLeaderLease(bus, { name, holder, onWon, onLost: () => (contender.lost += 1) });
  return Object.assign(contender, { bus, lease, won });
}

const fresh = (all: readonly Contender[]): Contender[] => all.filter(({ lease }) => lease.isFresh());

async function closeAll(all: readonly Contender[]): Promise<void> {
  for (const { lease, bus } of all) {
    await lease.close();
    await bus.close();
  }
}

test('of five that want it one leads; when it is cut off it falls silent, and one of the others leads under a higher epoch', async () => {
  const all = await Promise.all([1, 2, 3, 4, 5].map((number) => contend('five', `process ${number}`)));
  await waitFor(() => fresh(all).length > 0, { what: 'a leader' });
  const [leader] = fresh(all);
  expect(fresh(all)).toEqual([leader]);
  await leader?.bus.close();
  const others = all.filter((one) => one !== leader);
  await waitFor(
    () => {
      // looked at all the while: never two at once
      expect(fresh(all).length).toBeLessThanOrEqual(1);
      return fresh(others).length === 1;
    },
    { what: 'the next leader' },
  );
  expect(leader?.lease.isFresh()).toBe(false);
  expect(all.flatMap(({ won }) => won)).toHaveLength(2);
  expect(Math.max(...others.flatMap(({ won }) => won))).toBeGreaterThan(leader?.won[0] ?? Infinity);
  await closeAll(all);
});

test('a restart of the server is survived: there is one leader again', async () => {
  const all = await Promise.all([1, 2].map((number) => contend('restart', `process ${number}`)));
  await waitFor(() => fresh(all).length === 1, { what: 'a leader' });
  await nats.stop();
  await waitFor(() => fresh(all).length === 0, { what: 'silence' });
  await nats.start();
  await waitFor(() => fresh(all).length === 1, { what: 'a leader again' });
  await closeAll(all);
});
