import { parseArgs } from 'node:util';
import { startLoadProcess } from './load-process.ts';
import { jsonScenario, measure } from './measure.ts';
import { startProvider } from './provider.ts';
import { startHeadrace } from './start-headrace.ts';
import { table } from './table.ts';

/**
 * What a hit costs: one request that is answered from the cache again and again, over HTTP, with key, canonical request, ledger rows and all
 * services on the machine.
 *
 * npm run bench:cache -- --seconds 5 --connections 1,64 --rounds 2
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '1,64' },
    rounds: { type: 'string', default: '2' },
  },
});
const WARM_UP_SECONDS = 4;

const load = startLoadProcess();
const provider = await startProvider();
const headrace = await startHeadrace(provider, { settings: 'litellm_settings: { cache: true }\n' });
try {
  await measure(headrace, jsonScenario(64), { load, seconds: WARM_UP_SECONDS });
  const called = (await provider.meterOf('sk-of-headrace')).requests;
  const rows: string[][] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const connections of values.connections.split(',').map(Number)) {
      const { load: result } = await measure(headrace, jsonScenario(connections), { load, seconds: Number(values.seconds) });
      const { p50, p99 } = result.latencyMs;
      rows.push([String(connections), String(Math.round(result.perSecond)), p50.toFixed(3), p99.toFixed(3), String(result.failed)]);
    }
  }
  process.stdout.write(`\n${table(['connections', 'hits/s', 'p50 ms', 'p99 ms', 'failed'], rows)}\n`);
  process.stdout.write(`calls of the provider: ${called} before, ${(await provider.meterOf('sk-of-headrace')).requests} after\n`);
} finally {
  load.stop();
  await headrace.stop();
  await provider.direct.stop();
}
