import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, meterPicoUsd, readBooks, readMeter } from '../support/books.ts';
import { type ChatTarget, sandboxCall } from '../support/chat-client.ts';
import { runLoad } from '../support/load.ts';

/** Promise 4: each upstream attempt that cost money is one row in the ledger, through crashes and redelivery. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace.stop());

const KILLS = 20;
const BETWEEN_KILLS_MS = 400;

test('accounting killed 20 times under load: the ledger equals the provider’s own meter to the last digit', async () => {
  let killing = true;
  const kills = (async () => {
    for (let i = 0; i < KILLS; i++) {
      await headrace.kill('accounting');
      const killedAt = performance.now();
      await waitFor(() => performance.now() - killedAt > BETWEEN_KILLS_MS, { what: 'the next kill' });
    }
    killing = false;
  })();
  const load = runLoad({
    target,
    connections: 3,
    body: (request) => sandboxCall({ tokens: 1 + (request % 97) }, request % 3 === 0 ? { stream: true } : {}),
    until: () => !killing,
  });
  const [{ answers, broken }] = await Promise.all([load, kills]);
  expect(broken).toBe(0);
  expect(answers.length).toBeGreaterThan(500);
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);

  const meter = await readMeter(headrace);
  expect(meter.completed).toBe(answers.length);
  const books = await waitFor(
    async () => {
      const read = await readBooks(headrace);
      return read.attempts >= answers.length && read;
    },
    { what: 'the ledger to catch up', timeoutMs: 60_000 },
  );
  expect(books).toEqual({
    attempts: answers.length,
    promptTokens: meter.promptTokens,
    completionTokens: meter.completionTokens,
    picoUsd: meterPicoUsd(meter),
  });
});
