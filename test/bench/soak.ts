import { parseArgs } from 'node:util';
import { targetNamed, wholeNumber } from './bench-options.ts';
import { startLoadProcess } from './load-process.ts';
import { jsonScenario } from './measure.ts';
import { startResourceLog } from './resource-log.ts';
import { startTarget } from './start-target.ts';
import type { Target } from './target.ts';

/**
 * Many requests, and what memory they leave behind. Ends with 1 when a request failed or the ledger is wrong.
 *
 * npm run bench:soak -- --requests 200000 --connections 64 --target headrace
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    connections: { type: 'string', default: '64' },
    target: { type: 'string', default: 'headrace' },
  },
});
const requests = wholeNumber('requests', values.requests);
const scenario = jsonScenario(wholeNumber('connections', values.connections));
const load = startLoadProcess();
const target = await startTarget(targetNamed(values.target));
try {
  if (!(await runAndReport(target))) process.exitCode = 1;
} finally {
  load.stop();
  await target.stop();
}

async function runAndReport(target: Target): Promise<boolean> {
  const { url, headers } = target;
  // What a process holds right after its start is not what it holds at work.
  await load.run({ url, headers, body: scenario.body, connections: scenario.connections, requests: Math.ceil(requests / 20) });
  const log = await startResourceLog(target, { everyMs: 5_000 });
  const result = await load.run({ url, headers, body: scenario.body, connections: scenario.connections, requests });
  const resources = await log.finish();
  const settlement = await target.settle?.();
  const agrees = settlement === undefined || settlement.waitedMs !== undefined;
  const ledger =
    settlement === undefined ? 'no ledger' : `ledger ${settlement.ledgerMicroUsd}, provider ${settlement.meterMicroUsd} micro-dollars`;
  const speed = `${result.requests} requests, ${result.failed} failed, ${Math.round(result.perSecond)}/s`;
  process.stdout.write(`${speed} ${result.failures.join('; ')}\n${ledger}\n\n${resources}\n`);
  return agrees && result.failed === 0;
}
