import { execFile } from 'node:child_process';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { StreamMessage } from '#bus';
import { type LedgerResources, startLedger } from './consume.ts';
import { createAccountingMetrics } from './metrics.ts';

/** A ledger over a consumer whose batches end when `end` or `stop` is called, whichever is first. */
function start() {
  let finish: (batch: readonly StreamMessage[]) => void = () => undefined;
  const end = (): void => finish([]);
  const errors: string[] = [];
  const resources: LedgerResources = {
    consumer: { next: () => new Promise((resolve) => (finish = resolve)), stop: end },
    apply: () => Promise.reject(new Error('nothing is to be applied')),
    deadLetters: { store: () => Promise.reject(new Error('nothing is to be buried')) },
    metrics: createAccountingMetrics(new Registry(), () => Promise.resolve(0)),
    log: { info: () => undefined, warn: () => undefined, error: (_fields, message) => void errors.push(message) },
    now: () => 0,
  };
  return { ledger: startLedger(resources), end, errors };
}

test('events that end without a stop are an error, logged and told', async () => {
  const { ledger, end, errors } = start();
  end();
  await expect(ledger.finished).rejects.toThrow('without being stopped');
  expect(errors).toEqual(['the events ended without a stop: nothing is booked any more']);
});

test('a stop is the end of the events, and no error', async () => {
  const { ledger, errors } = start();
  await ledger.stop();
  await ledger.finished;
  expect(errors).toEqual([]);
});

test('a process whose events end without a stop exits with 1, so that it is started again', async () => {
  const exitCode = await new Promise((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '-e', PROCESS], { cwd: process.cwd() });
    child.once('exit', resolve);
  });
  expect(exitCode).toBe(1);
});

/** As accounting's `main.ts` does it, with a consumer that ends at once and a timer that would keep the process alive. */
const PROCESS = `
import { runService } from '#runtime';
import { startLedger } from './services/accounting/consume.ts';
await runService({
  name: 'accounting',
  summary: 'test',
  start: async ({ releases, log }) => {
    setInterval(() => undefined, 1_000);
    const consumer = { next: () => Promise.resolve([]), stop: () => undefined };
    const ledger = startLedger({ consumer, log, now: Date.now, metrics: { databaseUp: { set() {} } } });
    releases.add('ledger', () => ledger.stop());
  },
});
`;
