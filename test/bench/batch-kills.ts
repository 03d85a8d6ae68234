import { inspect, parseArgs } from 'node:util';
import { compareLedger } from '../support/ledger-agreement.ts';
import { type BatchStage, type LiveRequest, startBatchStage } from '../support/batch-stage.ts';
import { readOutput } from '../integration/support/batches.ts';
import { wholeNumber } from './bench-options.ts';
import { summarize } from './percentile.ts';
import { table } from './table.ts';

/**
 * A batch through two workers with live requests beside it: what they take without it, with it, and while one process of each kind is
 * killed. Ends with an error where a result is missing or there twice, a live request failed, or ledger and meter differ.
 *
 * node test/bench/batch-kills.ts --lines 20000 --live 50 --seconds 8 --phases alone,batch,kills --concurrency 32
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '20000' },
    live: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '8' },
    phases: { type: 'string', default: 'alone,batch,kills' },
    'first-token-ms': { type: 'string', default: '30' },
    concurrency: { type: 'string', default: '32' },
  },
});
const lines = wholeNumber('lines', values.lines);
const perSecond = wholeNumber('live', values.live);
const stage = await startBatchStage({
  firstTokenMs: wholeNumber('first-token-ms', values['first-token-ms']),
  settings: `headrace: { pools: { openai: { concurrency: ${wholeNumber('concurrency', values.concurrency)} } } }`,
});
const rows: string[][] = [];
try {
  for (const phase of values.phases.split(',')) rows.push(await measure(phase, stage));
  process.stdout.write(`${table(['live requests', 'number', 'failed', 'connections cut', 'p50 ms', 'p99 ms', 'batch'], rows)}\n`);
  const { differing, ...comparison } = await compareLedger(stage, { timeoutMs: 60_000 });
  process.stdout.write(
    `${Object.entries(comparison)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}\n`,
  );
  if (differing.length > 0) throw new Error(`ledger and meter differ: ${inspect(differing.slice(0, 10), { depth: 4 })}`);
  if (rows.some(([, , failed]) => failed !== '0')) throw new Error('live requests failed');
} finally {
  await stage.stop();
}
process.exit(0);

async function measure(phase: string, on: BatchStage): Promise<string[]> {
  const live = on.startLive({ perSecond, name: `live-${phase}` });
  let batch = '';
  try {
    if (phase === 'alone') await new Promise((resolve) => setTimeout(resolve, wholeNumber('seconds', values.seconds) * 1_000));
    else batch = await runBatch(phase, on);
  } finally {
    await live.stop();
  }
  return [phase, ...summary(live.requests), batch];
}

/** Returns how fast it was. */
async function runBatch(phase: string, on: BatchStage): Promise<string> {
  const startedAt = performance.now();
  const id = await on.startBatch({ name: phase, lines });
  if (phase === 'kills') {
    const say = (what: string): void =>
      void process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s: kill -9 of the ${what}\n`);
    await on.killEach({ every: Math.floor(lines / 10), onKill: say });
  }
  const batch = await on.awaitEnd(id);
  const seconds = (performance.now() - startedAt) / 1_000;
  const output = await readOutput(on.client, batch.output_file_id);
  const names = new Set(output.map(({ custom_id: name }) => name));
  if (batch.status !== 'completed' || output.length !== lines || names.size !== lines) {
    throw new Error(`${batch.status}: ${output.length} results of ${names.size} requests for ${lines} lines`);
  }
  return `${lines} in ${seconds.toFixed(1)} s`;
}

function summary(requests: readonly LiveRequest[]): string[] {
  const { p50, p99 } = summarize(requests.map(({ tookMs }) => tookMs));
  const failed = requests.filter(({ status }) => status !== 200).length;
  const cut = requests.filter(({ broken }) => broken > 0).length;
  return [String(requests.length), String(failed), String(cut), p50.toFixed(1), p99.toFixed(1)];
}
