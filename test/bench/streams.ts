import { parseArgs } from 'node:util';
import { targetNamed, wholeNumber } from './bench-options.ts';
import { startResourceLog } from './resource-log.ts';
import { runStreams, type StreamsOptions, type StreamsResult } from './run-streams.ts';
import { startTarget } from './start-target.ts';
import type { Settlement, Target } from './target.ts';

/**
 * Many paced streams at once, every one of them checked token by token, then the ledger against the provider's meter.
 * Ends with 1 when a stream was not whole or the ledger is wrong.
 *
 * npm run bench:streams -- --streams 500 --rate 20 --seconds 60 --target headrace
 */
const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '500' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', default: 'headrace' },
  },
});
const options: StreamsOptions = {
  streams: wholeNumber('streams', values.streams),
  tokensPerSecond: wholeNumber('rate', values.rate),
  seconds: wholeNumber('seconds', values.seconds),
};
const target = await startTarget(targetNamed(values.target));
try {
  if (!(await runAndReport(target))) process.exitCode = 1;
} finally {
  await target.stop();
}

async function runAndReport(target: Target): Promise<boolean> {
  const log = await startResourceLog(target, { everyMs: 5_000 });
  const result = await runStreams(target, options);
  const resources = await log.finish();
  const settlement = await target.settle?.();
  const right = result.faults.size === 0 && ledgerIsRight(settlement, options.streams);
  process.stdout.write(`${describeResult(result)}\n${describeSettlement(settlement)}\n\n${resources}\n`);
  return right;
}

function ledgerIsRight(settlement: Settlement | undefined, streams: number): boolean {
  return (
    settlement === undefined ||
    (settlement.waitedMs !== undefined && settlement.requestsMetered === streams && settlement.ledgerRows === streams)
  );
}

function describeResult({ whole, faults, firstTokenMs, lateMs }: StreamsResult): string {
  const lines = [
    `${whole} of ${options.streams} streams whole (${options.tokensPerSecond} tokens/s for ${options.seconds} s)`,
    `first token: p50 ${firstTokenMs.p50.toFixed(0)} ms, p99 ${firstTokenMs.p99.toFixed(0)} ms, max ${firstTokenMs.max.toFixed(0)} ms`,
    `end after its time: p50 ${lateMs.p50.toFixed(0)} ms, p99 ${lateMs.p99.toFixed(0)} ms, max ${lateMs.max.toFixed(0)} ms`,
    ...[...faults].map(([fault, count]) => `${count} × ${fault}`),
  ];
  return lines.join('\n');
}

function describeSettlement(settlement: Settlement | undefined): string {
  if (settlement === undefined) return 'no ledger';
  const { waitedMs, ledgerMicroUsd, meterMicroUsd, requestsMetered, ledgerRows } = settlement;
  const agreed = waitedMs === undefined ? 'they do NOT agree' : `they agreed after ${Math.round(waitedMs)} ms`;
  return `ledger: ${ledgerRows} rows, ${ledgerMicroUsd} micro-dollars; provider: ${requestsMetered} requests, ${meterMicroUsd}; ${agreed}`;
}
