import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOutput } from '../integration/support/batches.ts';
import { type BatchStage, type LiveTraffic, startBatchStage } from '../support/batch-stage.ts';
import { compareLedger } from '../support/ledger-agreement.ts';

/** kill -9 of one process of each kind while a batch runs, with live requests beside it. `npm run bench:batch-kills` is the same with 20,000. */
const LINES = 3_000;
const LIVE_PER_SECOND = 20;
const CALLS_BETWEEN_KILLS = 150;

let stage: BatchStage;
let live: LiveTraffic;

beforeAll(async () => {
  stage = await startBatchStage({ firstTokenMs: 30 });
}, 60_000);
afterAll(() => stage?.stop());

test('a batch has every result once, though each kind of process is killed once on the way', async () => {
  const id = await stage.startBatch({ name: 'line', lines: LINES });
  live = stage.startLive({ perSecond: LIVE_PER_SECOND, name: 'live' });
  const ended = stage.killEach({ every: CALLS_BETWEEN_KILLS }).then(() => stage.awaitEnd(id));
  await ended.catch(() => undefined);
  await live.stop();
  const batch = await ended;
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: LINES, completed: LINES, failed: 0 } });
  const output = await readOutput(stage.client, batch.output_file_id);
  expect(output.map(({ custom_id: name }) => name)).toEqual(Array.from({ length: LINES }, (_, at) => `line-${at}`));
  const answered = new Set(output.map(({ response }) => response.body.id));
  expect(answered.size).toBe(LINES);
}, 200_000);

test('no request beside it failed: what the killed ingress had was answered by the other one', () => {
  expect(live.requests.length).toBeGreaterThan(100);
  expect(live.requests.filter(({ status }) => status !== 200)).toEqual([]);
});

test('the ledger is the provider’s own meter, and an estimate for each call whose worker died', async () => {
  const comparison = await compareLedger(stage, { timeoutMs: 45_000 });
  expect(comparison.differing).toEqual([]);
  expect(comparison.ledgerPicoUsd).toBe(comparison.meterPicoUsd);
  expect(comparison.lost).toBeGreaterThan(0);
  expect(comparison.lost).toBeGreaterThanOrEqual(comparison.unheard);
}, 60_000);
