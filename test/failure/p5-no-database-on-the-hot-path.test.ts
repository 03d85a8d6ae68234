import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, startPostgres, type TestPostgres, waitFor } from '#testing';
import { createKey, get, meterPicoUsd, readBooks, readMeter } from '../support/books.ts';
import { chat, type ChatTarget, sandboxCall } from '../support/chat-client.ts';
import { runLoad } from '../support/load.ts';

/** Promise 5: with Postgres down, known keys keep working and no spend is lost. */
let postgres: TestPostgres;
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  postgres = await startPostgres();
  headrace = await startHeadrace({ env: { DATABASE_URL: postgres.url } });
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(async () => {
  await headrace.stop();
  await postgres.remove();
});

const DOWN_MS = 30_000;

test('Postgres down for 30 s under load: no failed request, no lost row', async () => {
  let loading = true;
  const underLoad = (at: ChatTarget, connections: number) =>
    runLoad({ target: at, connections, body: () => sandboxCall({ tokens: 20, tokens_per_second: 400 }), until: () => !loading });
  const limited = { url: headrace.url, key: await createKey(headrace, { max_budget: 100, rpm_limit: 1_000_000 }) };
  const loads = Promise.all([underLoad(target, 3), underLoad(limited, 1)]);
  await postgres.kill();
  const downAt = performance.now();

  const management = await get(headrace, '/spend/logs');
  expect(management.status).toBe(503);
  expect(await management.json()).toMatchObject({ error: { code: 'service_unavailable' } });
  const readiness = await get(headrace, '/health/readiness');
  expect(readiness.status).toBe(200);

  await waitFor(() => performance.now() - downAt > DOWN_MS, { what: 'the outage to last', timeoutMs: DOWN_MS + 5_000, intervalMs: 200 });
  await postgres.start();
  loading = false;
  const [free, bounded] = await loads;
  const answers = [...free.answers, ...bounded.answers];
  expect(free.broken + bounded.broken).toBe(0);
  expect(bounded.answers.length).toBeGreaterThan(200);
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  expect(answers.length).toBeGreaterThan(1_000);

  const books = await waitFor(
    async () => {
      const read = await readBooks(headrace);
      return read.attempts >= answers.length && read;
    },
    { what: 'the ledger to catch up', timeoutMs: 60_000, intervalMs: 200 },
  );
  const meter = await readMeter(headrace);
  expect(books.attempts).toBe(answers.length);
  expect(books.picoUsd).toBe(meterPicoUsd(meter));
});

test('a key made before the outage is known to an ingress that starts during it', async () => {
  await postgres.kill();
  try {
    await headrace.kill('ingress');
    const answer = await waitFor(() => chat(target, sandboxCall({ text: 'no database needed' })), {
      what: 'the ingress to be back',
      timeoutMs: 15_000,
    });
    expect(answer.status).toBe(200);
  } finally {
    await postgres.start();
  }
});
