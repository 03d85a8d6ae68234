import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bus, watchStatus } from '#bus';
import { builtinConfig } from '#config';
import { createPlan, createRequestFacts, createRoutingState, createStatusBoard, type StatusBoard } from '#routing';
import { startNats, type TestNats, waitFor } from '#testing';
import { createDeploymentMeter, type DeploymentMeter } from '../../services/worker/status/deployment-meter.ts';
import { startStatus } from '../../services/worker/status/publish-status.ts';
import { type Buses, createBuses } from './support/bus.ts';

/** Workers tell ingresses of their load over a real server; no process of either is needed for that. */
let nats: TestNats;
let buses: Buses;
const ends: (() => void)[] = [];

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
});
afterAll(async () => {
  for (const end of ends) end();
  await buses.close();
  await nats.remove();
});

async function startWorker(id: string): Promise<{ meter: DeploymentMeter; bus: Bus; stop: () => void }> {
  const bus = await buses.open();
  const meter = createDeploymentMeter(Date.now);
  const stop = startStatus(id, { bus, meter });
  ends.push(stop);
  return { meter, bus, stop };
}

async function startIngress(): Promise<StatusBoard> {
  const bus = await buses.open();
  const board = createStatusBoard({ now: Date.now, measurementsHoldMs: 3_600_000 });
  ends.push(watchStatus(bus, board.apply));
  await bus.flush();
  return board;
}

const ended = (startedAt: number) => ({
  startedAt,
  firstTokenAt: startedAt + 80,
  endedAt: Date.now(),
  stream: true,
  outputTokens: 10,
  tokens: 100,
  result: 'success' as const,
});

/** Waits for what a board shows, refreshed as planning would. */
const shows = (board: StatusBoard, id: string, field: 'inFlight' | 'requests' | 'firstTokenMs', value: number, timeoutMs = 3_000) =>
  waitFor(
    () => {
      board.refresh();
      return board.loadOf(id)[field] === value;
    },
    { what: `${field} of ${id} to be ${value}`, timeoutMs },
  );

describe('a worker’s status', () => {
  test('reaches every ingress, and one that starts later', async () => {
    const [early, worker] = await Promise.all([startIngress(), startWorker('status-1')]);
    const startedAt = Date.now();
    const call = worker.meter.started('shared', 5);
    await shows(early, 'shared', 'inFlight', 1);
    call(ended(startedAt));
    await shows(early, 'shared', 'inFlight', 0);
    // nothing changes any more: only an answer to its question can tell the later one
    const late = await startIngress();
    await shows(late, 'shared', 'firstTokenMs', 80);
    expect(late.loadOf('shared')).toMatchObject({ inFlight: 0, msPerToken: early.loadOf('shared').msPerToken });
  });

  test('is forgotten when the worker dies in the middle of a call', async () => {
    const [board, worker] = await Promise.all([startIngress(), startWorker('status-2')]);
    worker.meter.started('doomed', 5);
    await shows(board, 'doomed', 'inFlight', 1);
    worker.stop();
    await shows(board, 'doomed', 'inFlight', 0, 6_000);
    expect(board.loadOf('doomed').requests).toBeLessThanOrEqual(1);
  });

  test('says again that long calls are under way', async () => {
    const [board, worker] = await Promise.all([startIngress(), startWorker('status-3')]);
    const call = worker.meter.started('long', 5);
    await shows(board, 'long', 'inFlight', 1);
    const startedAt = Date.now();
    await waitFor(
      () => {
        board.refresh();
        expect(board.loadOf('long').inFlight).toBe(1);
        return Date.now() > startedAt + 4_000;
      },
      { what: 'four seconds to pass', timeoutMs: 6_000 },
    );
    call(ended(startedAt));
  });

  test('is asked for again after a disconnect', async () => {
    const [board, worker] = await Promise.all([startIngress(), startWorker('status-4')]);
    worker.meter.started('kept', 5);
    await shows(board, 'kept', 'inFlight', 1);
    await nats.kill();
    await nats.start();
    worker.meter.started('kept', 5);
    await shows(board, 'kept', 'inFlight', 2, 10_000);
    expect(board.loadOf('kept').expected).toBe(0);
  });
});

describe('least-busy routing', () => {
  test('balances a load of two ingresses over two workers, though deployments differ in speed', async () => {
    const config = builtinConfig();
    const deployments = config.deployments.slice(0, 3).map((deployment, at) => ({ ...deployment, id: `balanced-${at}` }));
    const models = { resolve: () => ({ group: 'group', deployments }) };
    const routing = { ...config.routing, strategy: 'least-busy' as const };
    const workers = await Promise.all([startWorker('balance-1'), startWorker('balance-2')]);
    const boards = await Promise.all([startIngress(), startIngress()]);
    const states = boards.map((board) => createRoutingState({ board, costOf: () => undefined }));
    const running = new Map(deployments.map(({ id }) => [id, 0]));
    const highest = new Map(running);
    const served = new Map(running);

    /** One client after another: plan, run for as long as the deployment takes, end. */
    async function client(number: number): Promise<void> {
      for (let turn = 0; turn < 25; turn += 1) {
        const state = states[number % 2];
        const worker = workers[(number >> 1) % 2];
        if (!state || !worker) throw new Error('no ingress or worker');
        const jobId = `job-${number}-${turn}`;
        const facts = createRequestFacts({ fields: {}, bodyBytes: 100, stream: false, by: { keyHash: 'k' } });
        const plan = createPlan({ model: 'm', models, router: config.router, routing, state, facts, now: Date.now(), random: Math.random });
        const id = plan?.[0]?.deploymentId ?? '';
        state.board.expect(jobId, id, 25);
        running.set(id, (running.get(id) ?? 0) + 1);
        served.set(id, (served.get(id) ?? 0) + 1);
        highest.set(id, Math.max(highest.get(id) ?? 0, running.get(id) ?? 0));
        const startedAt = Date.now();
        const call = worker.meter.started(id, 25);
        state.board.started(jobId, number % 4 < 2 ? 'balance-1' : 'balance-2');
        // the last deployment is four times as slow as the others
        await new Promise((resolve) => setTimeout(resolve, id === 'balanced-2' ? 400 : 100));
        call(ended(startedAt));
        state.board.ended(jobId);
        running.set(id, (running.get(id) ?? 0) - 1);
      }
    }
    await Promise.all(Array.from({ length: 24 }, (_, number) => client(number)));

    const [fast1 = 0, fast2 = 0, slow = 0] = [...served.values()];
    expect(fast1 + fast2 + slow).toBe(600);
    // 8 calls each at a time is balance; a blind choice would have most of them wait at the slow one
    expect(Math.max(...highest.values())).toBeLessThanOrEqual(14);
    for (const fast of [fast1, fast2]) expect(fast / slow).toBeGreaterThan(2.5);
    expect(Math.abs(fast1 - fast2) / (fast1 + fast2)).toBeLessThan(0.1);
  });
});
